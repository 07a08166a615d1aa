"""The one answer: browsers' are taken, whatever else is refused, and only with words of ours."""

import os
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from responders.sfu import BadAnswer, Limits, answer, offer
from responders.sfu.layout import LINES, Kind, mid, repair_stream, stream
from tests.responders.sfu.mutations import browser, many

CREDENTIALS = offer.Credentials(username="ours", password="p" * 32, fingerprint=":".join(["AB"] * 32))
CHROMIUM = browser("chromium")
MUTATIONS = int(os.environ.get("MEDIA_MUTATIONS", "1500"))  # a campaign says 20000


def read(text: str, seat: int = 0) -> answer.Answer:
    return answer.read(text, seat=seat, limits=Limits())


def test_the_offer_is_the_same_for_everybody_but_for_the_own_seat() -> None:
    nadia, thomas = (offer.write(seat, CREDENTIALS, [("192.0.2.7", 5_000)]).split("m=")[1:] for seat in (0, 1))
    assert nadia[4:] == thomas[4:]
    assert [re.findall(r"a=(?:send|recv)only", section) for section in nadia] == [["a=recvonly"]] * 2 + [
        ["a=sendonly"]
    ] * 14
    assert all("transport-wide" in section for section in nadia[:2])
    assert all("transport-wide" not in section for section in nadia[2:])


@pytest.mark.parametrize("seat", range(8))
def test_the_offer_names_lines_streams_and_repairs_in_the_order_browsers_want(seat: int) -> None:
    text = offer.write(seat, CREDENTIALS, [("192.0.2.7", 5_000), ("2001:db8::7", 5_000)])

    assert re.findall(r"a=mid:(\w\w)\r\n", text) == [mid(*line) for line in LINES]
    assert re.findall(r"a=ssrc:(\d+) ", text) == [
        str(one)
        for kind, whose in LINES
        if whose != seat
        for one in ([stream(kind, whose)] + ([repair_stream(whose)] if kind is Kind.VIDEO else []))
    ]
    assert len(set(re.findall(r"a=ssrc:(\d+) ", text))) == 21
    assert {"192.0.2.7", "2001:db8::7"} == set(re.findall(r"a=candidate:\d 1 udp \d+ (\S+) 5000 typ host", text))


def test_chromiums_answer_is_taken() -> None:
    taken = read(CHROMIUM)
    assert taken.sends[Kind.AUDIO] == answer.Sends(stream=2928292544)
    assert taken.sends[Kind.VIDEO] == answer.Sends(stream=1013513764, repairs=302014208)
    assert set(taken.receives) == {line for line in LINES if line[1] != 0}


def test_firefoxes_answer_is_taken_with_its_own_streams_only() -> None:
    taken = read(browser("firefox"), seat=2)
    assert set(taken.sends) == {Kind.AUDIO, Kind.VIDEO}
    assert taken.receives[Kind.VIDEO, 0] == (96, 97)


def test_a_listener_who_sends_nothing_is_taken() -> None:
    taken = read(CHROMIUM.replace("a=sendonly", "a=inactive"))
    assert taken.sends == {}
    assert len(taken.receives) == 14


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("v=0\n", ""),
        ("v=0\n", "v=1\nv=0\n"),
        ("s=-\n", "s=-\ni=hello\n"),
        ("s=-\n", "s=Zoé\n"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111\n", "m=audio 9 RTP/AVP 111\n"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111\n", "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\n"),
        ("m=audio 9 UDP/TLS/RTP/SAVPF 111\n", "m=audio 65536 UDP/TLS/RTP/SAVPF 111\n"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\n", "m=video 9 UDP/TLS/RTP/SAVPF 97\n"),
        ("m=video 9 UDP/TLS/RTP/SAVPF 96 97 98 99\n", "m=video 9 UDP/TLS/RTP/SAVPF 96 96\n"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:96 H265/90000"),
        ("a=rtpmap:96 VP8/90000", "a=rtpmap:35 AV1/90000"),
        ("a=mid:a0\n", "a=mid:a1\n"),
        ("a=mid:a0\n", ""),
        ("a=group:BUNDLE a0 v0 ", "a=group:BUNDLE a0 "),
        ("a=group:BUNDLE ", "a=group:LS "),
        ("a=group:BUNDLE a0", "a=group:BUNDLE a0 a0"),
        ("a=setup:active", "a=setup:passive"),
        ("a=setup:active", "a=setup:actpass"),
        ("a=rtcp-mux\n", ""),
        ("a=sendonly", "a=sendrecv"),
        ("a=recvonly", "a=sendrecv"),
        ("a=recvonly", "a=recvonly\na=inactive"),
        ("a=fingerprint:sha-256", "a=fingerprint:sha-1"),
        ("a=fingerprint:sha-256 83", "a=fingerprint:sha-256 0"),
        ("a=ice-ufrag:", "a=ice-ufrag:é"),
        ("a=ice-pwd:", "a=ice-pwd:x\na=ice-pwd:"),
        ("a=msid-semantic: WMS\n", "a=ice-lite\n"),
        ("a=ssrc:1013513764", "a=ssrc:4294967296"),
        ("a=ssrc-group:FID 1013513764 302014208", "a=ssrc-group:SIM 1013513764 302014208"),
        ("a=ssrc-group:FID 1013513764 302014208", "a=ssrc-group:FID 1013513764 1"),
        ("a=ssrc-group:FID 1013513764 302014208\n", ""),
        ("a=sendonly", "a=sendonly\na=simulcast:send 1;2"),
        ("a=extmap:1 urn:ietf", "a=extmap:2 urn:ietf"),
        ("a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid", "a=extmap:4 urn:3gpp:video-orientation"),
        ("a=rtcp-mux\n", "a=rtcp-mux\n" + "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\n" * 300),
        ("a=rtcp-mux\n", "a=rtcp-mux\n" + "a=x\n" * 2_000),
        ("a=rtcp-mux\n", "a=x:" + "y" * 1_000 + "\na=rtcp-mux\n"),
        ("s=-\n", "s=-\na=x:" + "\na=y:".join(["z" * 900] * 80) + "\n"),
    ],
)
def test_an_answer_to_another_offer_is_refused(old: str, new: str) -> None:
    assert old in CHROMIUM
    with pytest.raises(BadAnswer) as refused:
        read(CHROMIUM.replace(old, new))
    assert re.fullmatch(r"[A-Za-z0-9 ,:'-]+", refused.value.reason)


def test_an_answer_for_another_seat_is_refused() -> None:
    with pytest.raises(BadAnswer):
        read(CHROMIUM, seat=1)


def test_one_certificate_serves_everything() -> None:
    first, *others = CHROMIUM.split("a=fingerprint:sha-256 83")
    with pytest.raises(BadAnswer):
        read("a=fingerprint:sha-256 83".join([first, others[0]]) + "a=fingerprint:sha-256 00".join(["", *others[1:]]))


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "metadata.internal", "x.local", "::1"])
def test_candidates_are_taken_for_what_they_are_worth(address: str) -> None:
    line = f"a=candidate:1 1 udp 2122260223 {address} 80 typ host\n"
    assert read(CHROMIUM.replace("a=mid:a0\n", "a=mid:a0\n" + line)) == read(CHROMIUM)


@given(st.text(max_size=400))
def test_any_text_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(BadAnswer):
        read(text)


def test_wrong_answers_are_refused_or_harmless() -> None:
    refused = 0
    for text in many(CHROMIUM, MUTATIONS):
        try:
            taken = read(text)
        except BadAnswer:
            refused += 1
            continue
        assert re.fullmatch(r"[0-9A-F:]{95}", taken.fingerprint)
        assert len(taken.receives) <= 14
    assert refused > MUTATIONS / 2
