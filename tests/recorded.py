"""A recording of Marie's as her telephone makes it, second by second, on the disk of the test."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import recordings, vault
from alerts.evidence.recording import Chunk, Opening
from alerts.models import Alert, Recording, Victim
from tests.desks import with_password
from tests.people import PIN

EBML = b"\x1a\x45\xdf\xa3"
OF_A_PART = 60  # seconds
AGO = timedelta(days=2)


def second(number: int) -> bytes:
    """What is sent as this second: as many bytes as a quiet room makes, and no two alike."""
    return (EBML if number % OF_A_PART == 0 else b"") + b"second %d " % number * 20


def part(number: int, *, until: int = OF_A_PART) -> bytes:
    """A whole part, as a player hears it."""
    return b"".join(second(number * OF_A_PART + at) for at in range(until))


def make_recording(
    victim: Victim,
    numbers: Iterable[int] = range(3),
    *,
    ago: timedelta = AGO,
    uid: UUID | None = None,
    alert: Alert | None = None,
    ends: bool = True,
) -> Recording:
    """Begun so long ago on a telephone whose clock was 90 seconds late; `ends`: and closed by it."""
    now = timezone.now() - ago
    row = Recording.objects.create(
        pk=uid or uuid4(),
        victim=victim,
        alert=alert,
        media_type="audio/webm;codecs=opus",
        started_at=now - timedelta(seconds=90),
        opened_at=now,
        heard_at=now,
    )
    folder = vault.folder(row.pk)
    folder.open(Opening(recording=str(row.pk), phone_at=row.started_at, media_type=row.media_type, readers=()), now=now)
    vault.log().add("opening", str(row.pk), now=now)
    last = 0
    for number in numbers:
        at = now + timedelta(seconds=number + 1)
        chunk = Chunk(
            number=number,
            segment=number // OF_A_PART,
            content=second(number),
            phone_at=at - timedelta(seconds=90),
        )
        folder.put(chunk, now=at)
        last = number + 1
    if ends:
        recordings._close(row, last, reason="phone", now=now + timedelta(seconds=last + 1))
        row.refresh_from_db()
    return row


def behind_her_code(victim: Victim, code: str = PIN) -> Client:
    """Her browser: the password just given, and one of her codes."""
    client = with_password(victim.account)
    answer = client.post(reverse("alerts:recordings"), {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    return client
