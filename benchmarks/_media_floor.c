/* The floor of the video room: what arrives on one socket is decrypted, and goes encrypted to each other person.

   No rooms, no congestion control, no repeats, no limits: only the packets. Arguments: how many people. Prints the port;
   the first packet of each source makes it a person. Built with -lsrtp2. */
#include <arpa/inet.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MOST 8

static srtp_t session(srtp_ssrc_type_t direction) {
    static unsigned char key[SRTP_MAX_KEY_LEN];
    srtp_policy_t policy;
    srtp_t made;
    memset(&policy, 0, sizeof policy);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp);
    policy.ssrc.type = direction;
    policy.key = key;
    policy.window_size = 1024;
    policy.allow_repeat_tx = 1;
    if (srtp_create(&made, &policy) != srtp_err_status_ok)
        exit(2);
    return made;
}

int main(int count, char **arguments) {
    int people = count > 1 ? atoi(arguments[1]) : 5, known = 0, size = 4 << 20;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}, from, person[MOST];
    socklen_t length = sizeof address;
    srtp_t in[MOST], out[MOST];
    unsigned char packet[2048], copy[2048];
    int own = socket(AF_INET, SOCK_DGRAM, 0);
    if (srtp_init() != srtp_err_status_ok || bind(own, (struct sockaddr *)&address, length) != 0)
        return 2;
    setsockopt(own, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    getsockname(own, (struct sockaddr *)&address, &length);
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int who, other, bytes, written;
        length = sizeof from;
        bytes = (int)recvfrom(own, packet, sizeof packet, 0, (struct sockaddr *)&from, &length);
        if (bytes < 12)
            continue;
        for (who = 0; who < known && person[who].sin_port != from.sin_port; who++)
            ;
        if (who == known) {
            if (known == people)
                continue;
            person[known] = from;
            in[known] = session(ssrc_any_inbound);
            out[known++] = session(ssrc_any_outbound);
        }
        if (srtp_unprotect(in[who], packet, &bytes) != srtp_err_status_ok)
            continue;
        for (other = 0; other < known; other++) {
            if (other == who)
                continue;
            memcpy(copy, packet, (size_t)bytes);
            written = bytes;
            if (srtp_protect(out[other], copy, &written) == srtp_err_status_ok)
                sendto(own, copy, (size_t)written, 0, (struct sockaddr *)&person[other], sizeof person[other]);
        }
    }
}
