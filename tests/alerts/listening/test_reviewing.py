"""After a year she is asked whether it stays; where Paul does not read, in words that name nothing."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import forgetting, reviewing, sweeping, vault
from alerts.domain.disguises import NAMES
from alerts.domain.messages import gsm, review
from alerts.domain.sending import Sender
from alerts.models import Beat, Recording, Victim
from tests.postman import Post
from tests.recorded import behind_her_code

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
YEAR = timedelta(days=366)


def asks(post: Post, after: timedelta) -> int:
    """What a day's look brings so long from now."""
    now = timezone.now() + after
    Beat.objects.update_or_create(name=reviewing.REVIEW, defaults={"at": now - DAY})
    return reviewing.ask(post.ways, now=now)


def test_after_a_year_she_is_asked_where_paul_does_not_read_and_again_each_month(
    recording: Recording, desk: Client
) -> None:
    Victim.objects.update(safe_email="soeur@example.org", safe_number="+33639980088")
    post = Post()

    assert [asks(post, after) for after in (300 * DAY, YEAR, YEAR + DAY, YEAR + 31 * DAY)] == [0, 1, 0, 1]

    assert {message.to for message in post.taken} == {"soeur@example.org", "+33639980088"}
    for message in post.taken:
        for word in ("enregistrement", "son ", "alerte", "marie", "sherif", "effac"):
            assert word not in f"{message.subject} {message.text} ".lower(), word


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_text_is_one_segment_under_the_longest_name(language: str) -> None:
    for name in NAMES.values():
        text = review.Question(name=str(name), language=language).text()
        assert gsm.is_gsm(text)
        assert gsm.segments(text) == 1


def test_the_sweep_asks_and_erases(tmp_path: Path) -> None:
    steps = {step.func for step in sweeping._steps(Sender(Post().ways, worker="w"), tmp_path, now=timezone.now())}
    assert {forgetting.tend, reviewing.ask_due} <= steps


def test_the_question_is_on_her_page_and_her_answer_ends_it_for_a_year(recording: Recording) -> None:
    Recording.objects.update(opened_at=timezone.now() - YEAR)
    desk = behind_her_code(recording.victim)
    address = reverse("alerts:recording", args=[recording.pk])
    assert "Sans réponse de votre part, il reste." in desk.get(address).content.decode()
    assert "Le garder ?" in desk.get(reverse("alerts:recordings")).content.decode()

    desk.post(reverse("alerts:recording_keep", args=[recording.pk]))

    assert "Sans réponse" not in desk.get(address).content.decode()
    assert not reviewing.due(now=timezone.now() + 300 * DAY).exists()
    assert reviewing.due(now=timezone.now() + YEAR).exists()


def test_a_network_that_refuses_is_tried_the_next_day_and_who_has_no_address_loses_nothing(
    recording: Recording, marie: Victim
) -> None:
    assert asks(Post(), YEAR) == 0
    Recording.objects.update(asked_at=None)
    Victim.objects.update(safe_email="soeur@example.org")
    post = Post.failing(1)

    assert [asks(post, YEAR), asks(post, YEAR + DAY)] == [0, 1]
    assert vault.path_of(recording.pk).exists()
