"""Answers that went wrong, or were made to: one real answer, changed in as many ways as a hand or a bug can."""

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ANSWERS = Path(__file__).parent / "answers"
_NUMBERS = (-1, 0, 1, 8, 97, 127, 128, 65_535, 65_536, 4_294_967_295, 4_294_967_296, 10**30)
_TEXTS = ("", " ", "\x00", "\r", "é", "\ud800", "%s%n", "a=", "=", ":", "../..", "A" * 5_000, "{}", "\u2028", "0x1f")
_LINES = (
    "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
    "m=video 0 UDP/TLS/RTP/SAVPF 0",
    "a=candidate:1 1 udp 1 127.0.0.1 22 typ host",
    "a=candidate:1 1 udp 1 metadata.internal 80 typ host",
    "a=ice-ufrag:x",
    "a=ice-lite",
    "a=setup:passive",
    "a=fingerprint:sha-1 00:11",
    "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
    "a=simulcast:send a;b",
    "a=rid:a send",
    "a=mid:v0",
    "a=group:BUNDLE a0",
    "a=ssrc:0 cname:x",
    "v=0",
    "k=prompt",
)


def browser(name: str) -> str:
    """A real answer of this browser's to the offer for seat 0 (chromium) or 2 (firefox)."""
    return (ANSWERS / f"{name}.sdp").read_text(encoding="ascii")


def mutated(text: str, seed: int) -> str:
    """The answer with one to four things wrong; always the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        text = chance.choice(_WAYS)(text, chance)
    return text


def many(text: str, count: int, *, first: int = 0) -> Iterator[str]:
    """So many of them."""
    return (mutated(text, seed) for seed in range(first, first + count))


def _on_lines(change: Callable[[list[str], random.Random], None]) -> Callable[[str, random.Random], str]:
    def way(text: str, chance: random.Random) -> str:
        lines = text.split("\n")
        change(lines, chance)
        return "\n".join(lines)

    return way


def _drop(lines: list[str], chance: random.Random) -> None:
    del lines[chance.randrange(len(lines)) :][: chance.choice((1, 1, 1, 5, 40))]
    if lines:
        del lines[chance.randrange(len(lines))]


def _double(lines: list[str], chance: random.Random) -> None:
    lines.insert(chance.randrange(len(lines) + 1), chance.choice(lines or [""]))


def _swap(lines: list[str], chance: random.Random) -> None:
    if lines:
        one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        lines[one], lines[other] = lines[other], lines[one]


def _insert(lines: list[str], chance: random.Random) -> None:
    line = chance.choice(_LINES)
    place = chance.randrange(len(lines) + 1)
    lines[place:place] = [line] * chance.choice((1, 1, 1, 2, 300, 3_000))


def _word(lines: list[str], chance: random.Random) -> None:
    """Another word, or another number, in one line."""
    if not lines:
        return
    at = chance.randrange(len(lines))
    words: Sequence[str] = lines[at].replace(":", " : ").split(" ")
    place = chance.randrange(len(words))
    new = chance.choice((*_TEXTS, *map(str, _NUMBERS)))
    lines[at] = " ".join([*words[:place], new, *words[place + 1 :]]).replace(" : ", ":")


def _flip(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice(("", chr(chance.randrange(1, 256)), "\n", "\r\n")) + text[at + 1 :]


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _grow(text: str, chance: random.Random) -> str:
    return text * chance.choice((2, 3, 40))


_WAYS = (
    *map(_on_lines, (_drop, _double, _swap, _insert, _word, _word, _word)),
    _flip,
    _flip,
    _cut,
    _grow,
)
