"""Her first evening without a browser: each page leads to the next, and nothing is asked twice."""

from collections.abc import Callable

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import entering, her_drills, setting_up
from alerts.domain.setting_up import Step
from alerts.models import Account, Victim
from alerts.states import Gesture
from alerts.views import steps
from tests.desks import signed_in
from tests.people import NADIA, PASSWORD, make_contact, make_phone

pytestmark = pytest.mark.django_db
SIGN_UP = {"username": "lilas", "first_name": "Lila", "password1": PASSWORD, "password2": PASSWORD}


def written(**fields: str) -> Callable[[Victim], object]:
    """A form of hers, stored."""
    return lambda victim: Victim.objects.filter(pk=victim.pk).update(**fields)


def drill(victim: Victim) -> None:
    """One exercise, over."""
    now = timezone.now()
    her_drills.end(her_drills.start(victim, gesture=Gesture.DOUBLE, now=now), now=now)


DOES: dict[Step, Callable[[Victim], object]] = {
    Step.FACE: written(disguise="notes"),
    Step.CODES: written(pin_hash="x", duress_pin_hash="y"),
    Step.CONTACTS: lambda victim: make_contact(victim, NADIA, rank=1),
    Step.SHEET: written(home="12, rue des Lombards"),
    Step.MESSAGES: written(text_prevention="Gardez votre téléphone."),
    Step.PHONES: make_phone,
    Step.DRILL: drill,
    Step.ABOUT: written(phone_number="+33639980077"),
    Step.RECOVERY: lambda victim: entering.draw_paper(victim, now=timezone.now()),
    Step.SAFE: written(safe_email="soeur@example.org"),
}


@pytest.fixture
def lila() -> Victim:
    return Victim.objects.create(account=Account.objects.create_user("lilas-4821", PASSWORD), name="Lila")


def test_she_is_led_through_every_step_in_its_order(lila: Victim) -> None:
    desk = signed_in(lila.account)
    for number, step in enumerate(Step, start=1):
        lila.refresh_from_db()
        ahead = steps.following(lila)
        assert ahead is not None
        assert (ahead.number, ahead.of) == (number, len(Step))
        page = desk.get(reverse("alerts:profile")).content.decode()
        assert f'<li class="next"><a href="{ahead.url}">' in page, step
        assert desk.get(ahead.url).status_code in {200, 302}, step
        DOES[step](lila)
    lila.refresh_from_db()
    assert setting_up.done(lila) == set(Step)
    assert steps.following(lila) is None


def test_what_she_did_out_of_turn_is_not_asked_again(lila: Victim) -> None:
    DOES[Step.SAFE](lila)
    lila.refresh_from_db()

    assert reverse("alerts:safe_address") not in [ahead.url for ahead in steps.ahead(lila)]


@pytest.mark.parametrize("page", ["alerts:contacts", "alerts:phones"])
def test_a_list_leads_on_once_something_stands_in_it(lila: Victim, page: str) -> None:
    desk = signed_in(lila.account)
    assert "Ensuite" not in desk.get(reverse(page)).content.decode()

    DOES[Step.CONTACTS](lila)
    DOES[Step.PHONES](lila)

    assert f'href="{reverse("alerts:face")}"><span><small>Ensuite' in desk.get(reverse(page)).content.decode()


def test_the_password_chosen_at_the_sign_up_is_not_asked_at_once() -> None:
    cache.clear()
    browser = Client()
    browser.post(reverse("account_signup"), SIGN_UP)

    assert browser.get(reverse("alerts:codes")).status_code == 200
