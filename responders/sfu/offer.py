"""The one offer a browser gets: eight seats, for good (RFC 8829, RFC 8843, RFC 8840)."""

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from responders.sfu.layout import (
    CODECS,
    CONTROL_ID,
    EXTENSIONS,
    H264,
    LEVEL_ID,
    LINES,
    MID_ID,
    OPUS,
    PAYLOADS,
    REPAIRS,
    VP8,
    Kind,
    mid,
    repair_stream,
    stream,
)

_END = "\r\n"
_MOST_VIDEO_BITS = 1_200_000
_HOST_PRIORITY = (126 << 24) + (65_535 << 8) + 255
_PARAMETERS = {
    OPUS: "minptime=10;useinbandfec=1",
    H264: "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f",
}


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What a browser must know to be let in at our socket."""

    username: str
    password: str
    fingerprint: str
    """SHA-256 of our certificate, as in the SDP."""


def write(seat: int, credentials: Credentials, addresses: Sequence[tuple[str, int]]) -> str:
    """The offer for whoever takes this seat. `addresses` are ours, best first."""
    return _END.join([*_session(), *_lines(seat, credentials, addresses)]) + _END


def _session() -> Iterator[str]:
    yield "v=0"
    yield "o=- 1 1 IN IP4 0.0.0.0"
    yield "s=-"
    yield "t=0 0"
    yield "a=group:BUNDLE " + " ".join(mid(kind, seat) for kind, seat in LINES)
    yield "a=ice-lite"
    yield "a=msid-semantic: WMS *"


def _lines(own: int, credentials: Credentials, addresses: Sequence[tuple[str, int]]) -> Iterator[str]:
    for kind, seat in LINES:
        yield f"m={kind} 9 UDP/TLS/RTP/SAVPF " + " ".join(str(payload) for payload in PAYLOADS[kind])
        yield "c=IN IP4 0.0.0.0"
        if kind is Kind.VIDEO and seat == own:
            yield f"b=TIAS:{_MOST_VIDEO_BITS}"
        yield f"a=mid:{mid(kind, seat)}"
        yield from _transport(credentials, addresses)
        yield from _codecs(kind, own=seat == own)
        if seat == own:
            yield "a=recvonly"
        else:
            yield from _streams(kind, seat)


def _transport(credentials: Credentials, addresses: Sequence[tuple[str, int]]) -> Iterator[str]:
    yield f"a=ice-ufrag:{credentials.username}"
    yield f"a=ice-pwd:{credentials.password}"
    for number, (address, port) in enumerate(addresses):
        packed = ipaddress.ip_address(address)
        yield f"a=candidate:{number + 1} 1 udp {_HOST_PRIORITY - 256 * number} {packed} {port} typ host"
    yield "a=end-of-candidates"
    yield f"a=fingerprint:sha-256 {credentials.fingerprint}"
    yield "a=setup:actpass"
    yield "a=rtcp-mux"
    yield "a=rtcp-rsize"


def _codecs(kind: Kind, *, own: bool) -> Iterator[str]:
    for payload in PAYLOADS[kind]:
        yield f"a=rtpmap:{payload} {CODECS[payload]}"
        if payload in REPAIRS:
            yield f"a=fmtp:{payload} apt={REPAIRS[payload]}"
        elif payload in _PARAMETERS:
            yield f"a=fmtp:{payload} {_PARAMETERS[payload]}"
        yield from (f"a=rtcp-fb:{payload} {what}" for what in _feedback(payload, own=own))
    extensions = [MID_ID, *([CONTROL_ID] if own else []), *([LEVEL_ID] if kind is Kind.AUDIO else [])]
    yield from (f"a=extmap:{number} {EXTENSIONS[number]}" for number in extensions)


def _feedback(payload: int, *, own: bool) -> Iterator[str]:
    """Congestion control is told to those who send to us; those who receive tell us their estimate (REMB)."""
    if payload in REPAIRS:
        return
    if own:
        yield "transport-cc"
    if payload in {VP8, H264}:
        yield "ccm fir"
        yield "nack"
        yield "nack pli"
        if not own:
            yield "goog-remb"


def _streams(kind: Kind, seat: int) -> Iterator[str]:
    yield "a=sendonly"
    yield f"a=msid:seat{seat} {mid(kind, seat)}"
    streams = [stream(kind, seat)]
    if kind is Kind.VIDEO:
        streams.append(repair_stream(seat))  # after the primary one, or Chromium shows nothing
        yield "a=ssrc-group:FID " + " ".join(str(one) for one in streams)
    yield from (f"a=ssrc:{one} cname:seat{seat}" for one in streams)
