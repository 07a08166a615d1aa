"""Reports and requests between us and the browsers (RFC 3550, RFC 4585, RFC 5104, REMB), read and written as bytes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from struct import Struct, pack

SENDER_REPORT, RECEIVER_REPORT, DESCRIPTION, GOODBYE, FEEDBACK, PAYLOAD_FEEDBACK = 200, 201, 202, 203, 205, 206
NACK, TRANSPORT = 1, 15
PICTURE_LOSS, FULL_INTRA, APPLICATION = 1, 4, 15
_WORD = 4
_HEADER = Struct("!BBH")
_SENDER = Struct("!IIIIII")
_BLOCK = Struct("!IIIIII")
_PAIR = Struct("!II")
_NACK_ITEM = Struct("!HH")
_SPAN = 17
_VERSION = 2
_MOST_PACKETS = 32
_REMB_HEAD = 8


@dataclass(frozen=True, slots=True)
class SenderReport:
    """When a stream's timestamp was what time, by its sender's clock; `middle` is the part that reports echo."""

    stream: int
    seconds: int
    fraction: int
    timestamp: int
    packets: int
    octets: int

    @property
    def middle(self) -> int:
        """The 32 bits in the middle of its clock's 64."""
        return (self.seconds & 0xFFFF) << 16 | self.fraction >> 16


@dataclass(frozen=True, slots=True)
class Block:
    """What a receiver says of one stream. `lost` counts from its beginning and may be negative; times of 1/65536 s."""

    stream: int
    fraction: int
    lost: int
    highest: int
    jitter: int
    last_report: int
    delay: int


@dataclass(frozen=True, slots=True)
class Lost:
    """Numbers that a receiver of this stream misses."""

    stream: int
    numbers: Sequence[int]


@dataclass(frozen=True, slots=True)
class KeyFrameWanted:
    """A receiver cannot go on without a whole picture."""

    stream: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a receiver believes its link carries, bits a second."""

    bits: int


Said = SenderReport | Block | Lost | KeyFrameWanted | Estimate


def read(datagram: bytes) -> list[Said]:
    """All that concerns us in a compound packet. Raises ValueError for what is none; unknown parts are passed over."""
    said: list[Said] = []
    at = packets = 0
    while at < len(datagram):
        if len(datagram) - at < _WORD:
            raise ValueError("cut short")
        first, kind, words = _HEADER.unpack_from(datagram, at)
        end = at + _WORD * (words + 1)
        packets += 1
        if first >> 6 != _VERSION or end > len(datagram) or packets > _MOST_PACKETS:
            raise ValueError("not a report")
        said.extend(_read_one(kind, first & 31, datagram[at + _WORD : end]))
        at = end
    return said


def _read_one(kind: int, count: int, body: bytes) -> Iterator[Said]:
    if kind == SENDER_REPORT and len(body) >= _SENDER.size:
        yield SenderReport(*_SENDER.unpack_from(body))
        yield from _blocks(body[_SENDER.size :], count)
    elif kind == RECEIVER_REPORT:
        yield from _blocks(body[_WORD:], count)
    elif kind in {FEEDBACK, PAYLOAD_FEEDBACK} and len(body) >= _PAIR.size:
        yield from _feedback(kind, count, body)


def _blocks(body: bytes, count: int) -> Iterator[Block]:
    if len(body) < count * _BLOCK.size:
        raise ValueError("fewer reports than it says")
    for number in range(count):
        stream, loss, highest, jitter, last, delay = _BLOCK.unpack_from(body, number * _BLOCK.size)
        lost = loss & 0xFFFFFF
        yield Block(stream, loss >> 24, lost - (lost >> 23 << 24), highest, jitter, last, delay)


def _feedback(kind: int, form: int, body: bytes) -> Iterator[Said]:
    _, stream = _PAIR.unpack_from(body)
    items = body[_PAIR.size :]
    if kind == FEEDBACK and form == NACK:
        yield Lost(stream, _numbers(items))
    elif kind == PAYLOAD_FEEDBACK and form == PICTURE_LOSS:
        yield KeyFrameWanted(stream)
    elif kind == PAYLOAD_FEEDBACK and form == FULL_INTRA:
        for at in range(0, len(items) - len(items) % _PAIR.size, _PAIR.size):
            yield KeyFrameWanted(_PAIR.unpack_from(items, at)[0])
    elif kind == PAYLOAD_FEEDBACK and form == APPLICATION and items[:4] == b"REMB" and len(items) >= _REMB_HEAD:
        scaled = int.from_bytes(items[5:8], "big")
        yield Estimate((scaled & 0x3FFFF) << (scaled >> 18))


def _numbers(items: bytes) -> list[int]:
    numbers = []
    for first, mask in _NACK_ITEM.iter_unpack(items[: len(items) - len(items) % _WORD]):
        numbers.append(first)
        numbers.extend((first + bit + 1) & 0xFFFF for bit in range(_SPAN - 1) if mask >> bit & 1)
    return numbers


def _packet(kind: int, count: int, body: bytes) -> bytes:
    return _HEADER.pack(_VERSION << 6 | count, kind, len(body) // _WORD) + body


def sender_report(report: SenderReport) -> bytes:
    """A sender report without blocks."""
    body = _SENDER.pack(report.stream, report.seconds, report.fraction, report.timestamp, report.packets, report.octets)
    return _packet(SENDER_REPORT, 0, body)


def description(stream: int, name: str) -> bytes:
    """The canonical name of a stream, as a compound packet must hold."""
    item = bytes((1, len(name))) + name.encode("ascii")
    body = stream.to_bytes(4, "big") + item
    return _packet(DESCRIPTION, 1, body + bytes(_WORD - len(body) % _WORD))


def receiver_report(ours: int, blocks: Sequence[Block]) -> bytes:
    """Our report on what a browser sends us."""
    body = b"".join(
        _BLOCK.pack(
            block.stream,
            block.fraction << 24 | block.lost & 0xFFFFFF,
            block.highest,
            block.jitter,
            block.last_report,
            block.delay,
        )
        for block in blocks
    )
    return _packet(RECEIVER_REPORT, len(blocks), ours.to_bytes(4, "big") + body)


def nack(ours: int, stream: int, numbers: Sequence[int]) -> bytes:
    """Ask for these numbers again; they come in order, as whole numbers modulo 65536."""
    items = b""
    waiting = list(numbers)
    while waiting:
        first, mask = waiting.pop(0), 0
        while waiting and 1 <= (waiting[0] - first) & 0xFFFF < _SPAN:
            mask |= 1 << ((waiting.pop(0) - first) & 0xFFFF) - 1
        items += _NACK_ITEM.pack(first, mask)
    return _packet(FEEDBACK, NACK, _PAIR.pack(ours, stream) + items)


def picture_loss(ours: int, stream: int) -> bytes:
    """Ask for a whole picture."""
    return _packet(PAYLOAD_FEEDBACK, PICTURE_LOSS, _PAIR.pack(ours, stream))


def transport_feedback(ours: int, stream: int, body: bytes) -> bytes:
    """Our feedback on a browser's transport-wide numbers; see `feedback`."""
    padding = -len(body) % _WORD
    if not padding:
        return _packet(FEEDBACK, TRANSPORT, _PAIR.pack(ours, stream) + body)
    filled = _PAIR.pack(ours, stream) + body + bytes(padding - 1) + bytes((padding,))
    return pack("!BBH", _VERSION << 6 | 1 << 5 | TRANSPORT, FEEDBACK, len(filled) // _WORD) + filled
