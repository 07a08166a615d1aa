"""The head of the log lies in mailboxes that the operator does not own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts.domain import lodging, vault
from alerts.models import Account, Association, Lodging, Phone, Recording, Victim
from alerts.providers.base import ProviderError
from tests.people import NOON, make_karim
from tests.postman import Post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def association(marie: Victim) -> Association:
    """Marie's; her advocate has a mail address."""
    karim = make_karim()
    Account.objects.filter(pk=karim.account_id).update(email="karim@example.org")
    Victim.objects.filter(pk=marie.pk).update(association=karim.association)
    vault.log().add("opening", "one", now=NOON)
    return karim.association


def lodges(post: Post, *, now: object = NOON) -> int:
    lodging.note_due(now=now)  # type: ignore[arg-type]
    return lodging.send(post.ways, now=now)  # type: ignore[arg-type]


def test_once_a_day_if_the_log_has_grown(association: Association) -> None:
    post = Post()
    assert [lodges(post), lodges(post, now=NOON + MINUTE), lodges(post, now=NOON + DAY)] == [1, 0, 0]
    vault.log().add("listened", "one", now=NOON)
    assert [lodges(post, now=NOON + MINUTE), lodges(post, now=NOON + DAY)] == [0, 1]

    head = vault.log().head()
    assert head is not None
    assert f"--lodged {head.sequence} {head.hash}" in post.taken[-1].text
    assert {message.to for message in post.taken} == {"karim@example.org"}


def test_when_a_recording_of_theirs_ends(association: Association, phone: Phone) -> None:
    post = Post()
    lodges(post)
    now = timezone.now()
    Recording.objects.create(
        id="7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55",
        victim=phone.victim,
        phone=phone,
        media_type="audio/webm",
        started_at=now,
        opened_at=now,
        heard_at=now,
        closed_at=NOON + MINUTE,
    )
    vault.log().add("close", "one", now=NOON)

    assert [lodges(post, now=NOON + 2 * MINUTE), lodges(post, now=NOON + 3 * MINUTE)] == [1, 0]


def test_the_mail_names_nobody_and_no_recording(association: Association) -> None:
    post = Post()
    lodges(post)

    assert not [name for name in ("Marie", "marie", "one\n") if name in post.taken[0].text]


def test_an_address_of_its_own_goes_before_those_of_advocates(association: Association) -> None:
    Association.objects.update(email="empreintes@example.org")
    post = Post()
    lodges(post)

    assert [message.to for message in post.taken] == ["empreintes@example.org"]


def test_a_mail_server_that_is_away_is_asked_again(association: Association) -> None:
    post = Post(failures=[ProviderError("refused", permanent=False)])

    assert lodges(post) == 0
    assert lodges(post, now=NOON + MINUTE) == 0, "too early"
    assert lodges(post, now=NOON + 6 * MINUTE) == 1
    assert Lodging.objects.get().lodged_at == NOON + 6 * MINUTE


def test_nothing_is_lodged_before_anything_was_recorded(marie: Victim) -> None:
    make_karim()
    assert lodging.note_due(now=NOON) == 0
