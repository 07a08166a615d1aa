"""What changed is told where somebody who holds her phone does not see it, in words that say nothing."""

from datetime import UTC, timedelta

import pytest
from django.urls import reverse

from alerts.domain import changes
from alerts.domain.messages import gsm, notices
from alerts.domain.messages.notices import WORDINGS, Notice
from alerts.models import Change, ChangeKind, Victim
from alerts.providers.base import UnknownOutcomeError
from alerts.states import Channel
from tests.desks import with_password
from tests.people import MARIES_NUMBER, NOON
from tests.postman import Post

pytestmark = pytest.mark.django_db
SISTER, SISTERS_NUMBER = "soeur@example.org", "+33639980042"


@pytest.fixture
def careful(marie: Victim) -> Victim:
    """Marie, whose sister is told."""
    Victim.objects.filter(pk=marie.pk).update(safe_email=SISTER, safe_number=SISTERS_NUMBER)
    marie.refresh_from_db()
    return marie


def test_a_change_is_told_to_her_safe_address_by_mail_and_text(careful: Victim) -> None:
    post = Post()
    changes.record(careful, ChangeKind.CODES, now=NOON)

    assert changes.announce(post.ways, now=NOON) == 1
    assert changes.announce(post.ways, now=NOON + timedelta(hours=1)) == 0

    assert [(message.channel, message.to) for message in post.taken] == [
        (Channel.EMAIL, SISTER),
        (Channel.SMS, SISTERS_NUMBER),
    ]
    assert post.taken[1].text.startswith("Carnet : codes changés le 1/6 à 12:00.")
    assert post.taken[0].subject == "Carnet"
    assert Change.objects.get().told_at == NOON


def test_without_a_safe_address_a_change_is_written_down_and_told_to_nobody(marie: Victim) -> None:
    post = Post()
    changes.record(marie, ChangeKind.CODES, now=NOON)

    assert changes.announce(post.ways, now=NOON) == 0
    assert post.taken == []
    assert [change.kind for change in changes.lately(marie)] == [ChangeKind.CODES]


def test_a_network_that_refuses_is_tried_again_six_times_and_no_more(careful: Victim) -> None:
    post = Post.failing(100)
    changes.record(careful, ChangeKind.PASSWORD, now=NOON)

    for minute in range(0, 120, 5):
        changes.announce(post.ways, now=NOON + timedelta(minutes=minute))

    change = Change.objects.get()
    assert (change.attempts, change.not_before, change.told_at) == (6, None, None)


def test_what_may_have_been_taken_is_not_sent_twice(careful: Victim) -> None:
    post = Post(failures=[UnknownOutcomeError("post"), UnknownOutcomeError("post")])
    changes.record(careful, ChangeKind.PASSWORD, now=NOON)

    changes.announce(post.ways, now=NOON)
    changes.announce(post.ways, now=NOON + timedelta(hours=1))

    assert post.taken == []
    assert Change.objects.get().told_at == NOON


def test_sign_ins_come_by_mail_alone(careful: Victim) -> None:
    post = Post()
    changes.record(careful, ChangeKind.SIGNED_IN, now=NOON, detail="Firefox, Android")

    changes.announce(post.ways, now=NOON)

    assert [message.channel for message in post.taken] == [Channel.EMAIL]
    assert "Firefox, Android" in post.taken[0].text


def test_an_evening_of_settings_is_one_message_and_many_lines(careful: Victim) -> None:
    post = Post()
    for minute in (0, 1, 4, 20):
        changes.record(careful, ChangeKind.SETTINGS, now=NOON + timedelta(minutes=minute))

    assert changes.announce(post.ways, now=NOON + timedelta(minutes=21)) == 2
    assert len(changes.lately(careful)) == 4


def test_codes_changed_twice_are_announced_twice(careful: Victim) -> None:
    for _ in range(2):
        changes.record(careful, ChangeKind.CODES, now=NOON)

    assert changes.announce(Post().ways, now=NOON) == 2


def test_paul_who_changes_the_address_is_announced_to_the_old_one(careful: Victim) -> None:
    desk = with_password(careful.account)
    Change.objects.all().delete()

    desk.post(reverse("alerts:safe_address"), {"safe_email": "paul@example.org", "safe_number": ""})

    told = list(Change.objects.order_by("pk").values_list("kind", "email"))
    assert told == [(ChangeKind.SAFE_ADDRESS, SISTER), (ChangeKind.SAFE_ADDRESS, "paul@example.org")]


def test_her_own_telephone_is_no_safe_address(careful: Victim) -> None:
    page = with_password(careful.account).post(reverse("alerts:safe_address"), {"safe_number": MARIES_NUMBER})

    careful.refresh_from_db()
    assert 'class="error"' in page.content.decode()
    assert careful.safe_number == SISTERS_NUMBER


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("kind", list(ChangeKind))
def test_a_notice_is_one_text_and_names_neither_alerts_nor_the_service(language: str, kind: ChangeKind) -> None:
    from_somewhere = "Samsung Internet, Android" if kind is ChangeKind.SIGNED_IN else ""
    notice = Notice(kind=kind, name="Courses", at=NOON, time_zone=UTC, language=language, detail=from_somewhere)

    assert gsm.is_gsm(notice.text())
    assert gsm.segments(notice.text()) == 1
    for word in ("alert", "sherif", "police", "proche", "danger", "violence", "relative"):
        assert word not in f"{notice.text()} {notice.subject()} {notice.letter()}".lower()


def test_every_language_knows_every_change() -> None:
    assert all(set(said.changes) == set(ChangeKind) for said in WORDINGS.values())
    assert set(notices.WORDINGS) == {"fr", "en"}
