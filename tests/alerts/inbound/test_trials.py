"""She asks whether a text of hers would be heard, and nobody else hears of it."""

import pytest
from django.utils import timezone

from alerts.domain import throttling
from alerts.models import Alert, Click, Delivery, Event, Phone, Victim
from alerts.models.fields import digest
from tests.people import MARIES_NUMBER, NADIA, PAUL
from tests.texting import heard, lines

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", ["essai", "Essai.", " ESSAI ! ", "un essai", "test", "Test"])
def test_a_trial_is_answered_and_alerts_nobody(phone: Phone, body: str) -> None:
    assert heard(body, by=MARIES_NUMBER) == "C'est noté. C'était un essai : rien n'est parti."

    assert not Alert.objects.exists()
    assert not Click.objects.exists()
    assert not Delivery.objects.exists()


def test_a_trial_is_answered_in_her_language(phone: Phone) -> None:
    Victim.objects.update(language="en")
    assert heard("test", by=MARIES_NUMBER) == "Got it. It was a test: nothing was sent."


def test_a_trial_is_answered_only_where_a_click_would_count(phone: Phone) -> None:
    Phone.objects.update(revoked_at=timezone.now())
    assert heard("essai", by=MARIES_NUMBER) == ""
    assert heard("essai", by=PAUL.phone_number) == ""


@pytest.mark.parametrize("body", ["2 essai", "SOS test", "essai 2"])
def test_a_figure_beside_the_word_is_no_trial(phone: Phone, body: str) -> None:
    """In doubt a click is one; what begins with the word is neither."""
    assert "essai" not in heard(body, by=MARIES_NUMBER)
    assert Alert.objects.exists() is not body.startswith("essai")


def test_a_trial_during_her_alert_changes_nothing(phone: Phone, rescue: Alert) -> None:
    before = (rescue.deliveries.count(), lines(rescue))
    heard("essai", by=MARIES_NUMBER)
    assert (rescue.deliveries.count(), lines(rescue)) == before


def test_a_contact_who_writes_the_word_gets_the_silence_of_everybody(phone: Phone, rescue: Alert) -> None:
    before = Event.objects.count()
    assert heard("test", by=NADIA.phone_number) == ""
    assert Event.objects.count() == before


def test_trials_without_end_are_not_answered_and_hold_no_click_back(phone: Phone) -> None:
    answers = [heard("essai", by=MARIES_NUMBER) for _ in range(throttling.MOST + 1)]
    assert answers[-1] == ""
    assert not throttling.passes(digest("number", MARIES_NUMBER), now=timezone.now())
    assert heard("2", by=MARIES_NUMBER) == "C'est noté."
