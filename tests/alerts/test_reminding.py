"""Once a week an advocate with an address hears by mail that there is something to look at, and not whose it is."""

from datetime import timedelta

import pytest

from alerts.domain import beats, reminding
from alerts.models import Account, Advocate, Phone, Victim
from alerts.providers.base import UnknownOutcomeError
from tests.people import NOON, PASSWORD, make_karim
from tests.postman import Post

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def karim(marie: Victim, phone: Phone) -> Advocate:
    """Karim, whose association accompanies Marie; her telephone was not seen for a month, and she agreed."""
    advocate = make_karim()
    Account.objects.filter(pk=advocate.account_id).update(email="karim@example.org")
    Victim.objects.filter(pk=marie.pk).update(association=advocate.association, advocate_silences=True)
    Phone.objects.update(seen_at=NOON - 30 * timedelta(days=1), paired_at=NOON - 30 * timedelta(days=1))
    beats.beat(reminding.REMINDER, now=NOON - WEEK)
    return advocate


def test_karim_reads_a_number_and_where_to_sign_in_and_nothing_of_hers(karim: Advocate) -> None:
    post = Post()

    assert reminding.remind(post.ways, now=NOON) == 1

    [mail] = post.taken
    assert (mail.to, mail.channel) == ("karim@example.org", "email")
    assert "Chez 1 personne que vous accompagnez" in mail.text
    assert "/association/" in mail.text
    for word in ("marie", "pixel", "téléphone", "alerte"):
        assert word not in f"{mail.subject} {mail.text}".lower()


def test_a_week_passes_before_the_next_and_of_two_workers_one_writes(karim: Advocate) -> None:
    post = Post()

    assert [reminding.remind(post.ways, now=NOON) for _ in range(2)] == [1, 0]
    assert reminding.remind(post.ways, now=NOON + WEEK - timedelta(minutes=1)) == 0
    assert reminding.remind(post.ways, now=NOON + WEEK) == 1


@pytest.mark.parametrize("change", [{"advocate_silences": False}, {"association": None}])
def test_of_who_did_not_agree_or_left_nobody_hears(karim: Advocate, change: dict[str, object]) -> None:
    Victim.objects.update(**change)
    post = Post()

    assert reminding.remind(post.ways, now=NOON) == 0
    assert post.tries == 0


def test_nothing_silent_is_no_mail(karim: Advocate) -> None:
    Phone.objects.update(seen_at=NOON)
    assert reminding.remind(Post().ways, now=NOON) == 0


def test_an_advocate_without_an_address_and_one_of_another_association_get_none(karim: Advocate) -> None:
    Advocate.objects.create(account=Account.objects.create_user("lea", PASSWORD), association=karim.association)
    post = Post()

    reminding.remind(post.ways, now=NOON)

    assert [mail.to for mail in post.taken] == ["karim@example.org"]


@pytest.mark.parametrize("post", [Post.failing(1), Post(failures=[UnknownOutcomeError("post")])])
def test_a_network_that_fails_costs_a_week_and_nothing_else(karim: Advocate, post: Post) -> None:
    reminding.remind(post.ways, now=NOON)

    assert reminding.remind(post.ways, now=NOON) == 0
    assert post.tries == 1


def test_the_first_week_begins_with_the_service(marie: Victim) -> None:
    post = Post()

    reminding.remind_due(post.ways, now=NOON)

    assert beats.last(reminding.REMINDER) == NOON
    assert post.tries == 0
