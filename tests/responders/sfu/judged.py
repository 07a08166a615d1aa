"""What Chromium's statistics say of a room: figures that tests hold to limits, and a benchmark prints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.responders.sfu.relay import Way
from tests.responders.sfu.studio import Opens, Statistics, Studio, concealed, rate, received, sent, wait_for_pictures

_FRAMES = 200


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One person as another one saw and heard them for a while."""

    decoded: float
    """Of the frames that were sent."""
    frames: float
    """A second."""
    width: int
    freezes: int
    lost: int
    """Packets of sound and pictures."""
    concealed: float
    """Share of the sound that had to be made up."""


def watch(everybody: Mapping[int, Page], seconds: float) -> Sequence[Seen]:
    """Everybody, by seat, watches everybody else for so long."""
    before = {seat: {**received(page), **sent(page)} for seat, page in everybody.items()}
    next(iter(everybody.values())).wait_for_timeout(1_000 * seconds)
    after = {seat: {**received(page), **sent(page)} for seat, page in everybody.items()}
    return [
        _seen((before[other], before[seat]), (after[other], after[seat]), other)
        for seat in everybody
        for other in everybody
        if other != seat
    ]


def _seen(before: tuple[Statistics, Statistics], after: tuple[Statistics, Statistics], other: int) -> Seen:
    """Both looks hold what was sent, and what was received of it."""
    picture, sound = f"v{other}", f"a{other}"
    went = rate(before[0], after[0], (picture, "framesSent"))
    came = rate(before[1], after[1], (picture, "framesDecoded"))
    was, now = before[1], after[1]
    return Seen(
        decoded=came / went,
        frames=came,
        width=now[picture]["frameWidth"],
        freezes=now[picture]["freezeCount"] - was[picture]["freezeCount"],
        lost=sum(now[line]["packetsLost"] - was[line]["packetsLost"] for line in (picture, sound)),
        concealed=concealed(was, now, sound),
    )


@dataclass(frozen=True, kw_only=True)
class Lossy:
    """How somebody saw and heard through a network that loses one packet in twenty."""

    frozen: float
    """Seconds, of about ten."""
    concealed: float
    lost: int


def lossy(studio: Studio, opens: Opens, way: str) -> Lossy:
    """Nadia's network loses on the way `up` (Thomas judges) or `down` (she does)."""
    between = studio.network(**{way: Way(loss=0.05)})
    nadia, thomas = opens("nadia", through=between), opens("thomas")
    watching, seat = (thomas, 0) if way == "up" else (nadia, 1)
    before = wait_for_pictures(watching, f"v{seat}", frames=40)
    after = wait_for_pictures(watching, f"v{seat}", frames=before[f"v{seat}"]["framesDecoded"] + _FRAMES)
    return Lossy(
        frozen=after[f"v{seat}"]["totalFreezesDuration"] - before[f"v{seat}"]["totalFreezesDuration"],
        concealed=concealed(before, after, f"a{seat}"),
        lost=(between.up if way == "up" else between.down).lost,
    )


@dataclass(frozen=True, kw_only=True)
class Thin:
    """How a link of 300 kbit/s was treated that should have carried two pictures."""

    concealed: float
    """Share of the sound made up, from the tenth second on."""
    sent: float
    """Bytes sent there, repeats too, of the streams that it was given."""
    back: float
    """Seconds from a better link to a picture that moves."""
    others: Sequence[Seen]


def thin_link(studio: Studio, opens: Opens, *, seconds: float) -> Thin:
    """Nadia, behind it, joins Thomas and Awa; after ten seconds she is listened to for so many."""
    thomas, awa = opens("thomas"), opens("awa")
    between = studio.network(down=Way(bits=300_000))
    nadia = opens("nadia", through=between)
    nadia.wait_for_timeout(10_000)
    before = received(nadia)
    others = watch({0: thomas, 1: awa}, seconds)
    after = received(nadia)
    between.down.bits = None
    return Thin(
        concealed=max(concealed(before, after, line) for line in ("a0", "a1")),
        sent=studio.repeated(2),
        back=_until_a_picture_moves(nadia),
        others=others,
    )


def _until_a_picture_moves(page: Page) -> float:
    """Seconds until one line shows a second's frames more. Raises TimeoutError."""
    began, before = page.evaluate("performance.now()"), received(page)
    for _ in range(100):
        page.wait_for_timeout(300)
        found = received(page)
        if any(found[line]["framesDecoded"] > before[line]["framesDecoded"] + 20 for line in ("v0", "v1")):
            return float((page.evaluate("performance.now()") - began) / 1_000)
    raise TimeoutError("no picture came back within 30 seconds")
