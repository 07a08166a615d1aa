"""Paul guesses at every door of hers, a thousand times: he shuts some of them, and never the button."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import enrolment, her_drills, throttling
from alerts.models import Alert, Delivery, Phone, Victim
from alerts.states import AlertState, Channel, EventKind, Gesture, Occasion
from tests.desks import signed_in, with_password
from tests.people import DURESS_PIN, NADIA, PASSWORD, PHONE_TOKEN, PIN, RELATIVES, make_marie, make_phone
from tests.phones import Companion, InProcess, OwnTracks, Reply, TraccarClient, position
from tests.responders.intruder import click
from tests.responders.scenes import open_place

pytestmark = pytest.mark.django_db
A_THOUSAND = 1_000
ENOUGH = 60.0  # seconds for all of them, refusals included: each must cost him more than us


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


def the_button_works(gesture: Gesture = Gesture.DOUBLE) -> None:
    """A click, everybody told, where she is, and her code: all by the telephone's own credential."""
    companion = Companion(token=PHONE_TOKEN)
    clicked = companion.click(gesture)
    assert clicked.status == 201, clicked.body
    alert = clicked.json["alert"]["id"]
    told = Delivery.objects.filter(alert=alert, occasion=Occasion.CLICK, channel=Channel.SMS)
    assert told.count() == len(RELATIVES)
    assert companion.send([position(at=companion.now())]).json["stored"] == 1
    assert OwnTracks(token=PHONE_TOKEN).report(at=companion.now()).status == 200
    assert TraccarClient(osmand_id="osmand-of-marie").report(at=companion.now()).status == 200
    assert companion.close(alert, PIN).status == 200
    assert Alert.objects.get(pk=alert).state == AlertState.CLOSED


def test_a_thousand_wrong_passwords_shut_the_door_and_never_stop_the_button(phone: Phone) -> None:
    """All thousand are posted: the tests' hash is quick, and after the first few none is computed any more."""
    paul, begun = Client(), time.monotonic()
    for number in range(A_THOUSAND):
        answer = paul.post(reverse("account_login"), {"login": "marie", "password": f"deviné {number}"})
        assert answer.status_code in {200, 429}, number
    assert time.monotonic() - begun < ENOUGH

    late = Client().post(reverse("account_login"), {"login": "marie", "password": PASSWORD})
    assert late.status_code != 302, "the account is shut for a while, even for the right one"
    the_button_works()


def test_a_session_of_hers_stays_open_while_somebody_guesses(phone: Phone) -> None:
    hers = with_password(phone.victim.account)
    for number in range(50):
        Client().post(reverse("account_login"), {"login": "marie", "password": f"deviné {number}"})

    assert hers.get(reverse("alerts:contacts")).status_code == 200
    the_button_works()


@pytest.mark.parametrize(
    ("page", "form"),
    [
        ("account_reauthenticate", {"password": "deviné"}),
        ("account_reset_password", {"code": "AAAAA-AAAAA-AAAAA-AAAAA-AAAAA", "password1": "x", "password2": "x"}),
        ("account_change_password", {"oldpassword": "deviné", "password1": "x", "password2": "x"}),
    ],
)
def test_guesses_at_her_other_doors_never_stop_the_button_either(phone: Phone, page: str, form: dict[str, str]) -> None:
    session = signed_in(phone.victim.account)  # found open on a table
    for _ in range(100):
        assert session.post(reverse(page), form).status_code in {200, 302, 429}

    the_button_works()


def test_a_thousand_guesses_at_her_code_on_her_pages_never_stop_it_on_her_telephone(phone: Phone) -> None:
    """Counted without the hash, which is slow on purpose: what counts is the gate before it."""
    now = timezone.now()
    passed = [throttling.passes(f"code of {phone.victim_id}", now=now, most=enrolment.CODE_TRIES) for _ in range(1_000)]

    assert sum(passed) == enrolment.CODE_TRIES
    with pytest.raises(enrolment.TooManyTriesError):
        enrolment.check_code(phone.victim, PIN, now=now)
    the_button_works()


def test_a_thousand_pairing_codes_guessed_beside_her_telephone_do_not_stop_it(phone: Phone) -> None:
    """From the same address as hers: one flat, one connection."""
    stranger = Companion(token="", wire=InProcess())
    for number in range(100):
        stranger.pair(f"AAAA{number:04d}")

    assert stranger.pair("AAAA9999").status == 429
    the_button_works()


def test_wrong_pins_shut_the_close_alone_and_a_stronger_click_still_passes(phone: Phone) -> None:
    companion = Companion(token=PHONE_TOKEN)
    alert = companion.click(Gesture.SINGLE).json["alert"]["id"]
    for _ in range(enrolment.PIN_TRIES):
        assert companion.close(alert, "0000").status == 403
    assert companion.close(alert, PIN).status == 429

    assert companion.click(Gesture.LONG).json["alert"]["kind"] == "alarm"
    assert companion.send([position(at=companion.now())]).json["stored"] == 1


# ---- Her code under duress, in a drill ----


def seen(reply: Reply) -> tuple[int, bytes]:
    """What a phone sees, ids apart."""
    return reply.status, re.sub(rb'[0-9a-f-]{36}|"id": \d+|\d{4}-\d\d-\d\dT[^"]+', b"", reply.body)


def rehearsed(pin: str) -> list[Any]:
    """She tries it, Paul beside her; everything that her telephone and her pages show from then on."""
    name = f"marie{pin}"
    marie = make_marie(name)
    make_phone(marie, token=name, osmand_id=name)
    companion = Companion(token=name)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    told = [
        companion.call("GET", "/alert"),
        companion.close(str(drill.pk), pin),
        companion.close(str(drill.pk), pin),
        companion.call("GET", "/alert"),
        companion.send([position(at=companion.now())]),
    ]
    later = [her_drills.may_start(marie, now=timezone.now() + wait) for wait in (timedelta(0), her_drills.APART)]
    desk = signed_in(marie.account)
    pages = [reverse("alerts:drills"), reverse("alerts:drill", args=[drill.pk]), reverse("alerts:profile")]
    shown = [re.findall(r">([^<]*\w[^<]*)<", desk.get(page).content.decode().replace(name, "")) for page in pages]
    real = companion.click()
    return [*map(seen, told), later, shown, (real.status, real.json["alert"]["drill"])]


def test_nothing_tells_the_two_pins_apart_in_a_drill_and_the_next_click_is_real() -> None:
    free, forced = rehearsed(PIN), rehearsed(DURESS_PIN)

    assert free == forced
    assert free[-1] == (201, False)


def test_a_drill_closed_under_duress_still_says_that_it_is_one_and_calls_nobody(marie: Victim, phone: Phone) -> None:
    """Her relatives read what the code would mean, in an exercise that offers no number that rings."""
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    place, nadia = open_place(drill, NADIA)

    assert Companion(token=PHONE_TOKEN).close(str(drill.pk), DURESS_PIN).status == 200

    page = nadia.get(place).content.decode()
    assert "EXERCICE" in page.upper()
    assert not re.search(r"""["'\s](tel|sms):""", page)
    assert drill.events.filter(kind=EventKind.CLOSED_UNDER_DURESS).exists()
    assert not drill.deliveries.filter(occasion=Occasion.END).exists()


def test_a_real_click_after_a_drill_closed_under_duress_is_told_as_what_it_is(marie: Victim, phone: Phone) -> None:
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    Companion(token=PHONE_TOKEN).close(str(drill.pk), DURESS_PIN)

    alert = click(phone)

    assert not alert.drill
    assert set(alert.deliveries.values_list("occasion", flat=True)) == {Occasion.CLICK}
