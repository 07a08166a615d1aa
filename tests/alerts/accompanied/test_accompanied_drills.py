"""Karim tries it with Marie where she ticked that; what he reads of it, and what he never reads."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import exporting, her_drills
from alerts.models import (
    Account,
    Advocate,
    Alert,
    Association,
    Contact,
    Phone,
    Victim,
)
from alerts.states import AlertState, ContactState, EventKind, Gesture
from tests.alerts.accompanied.scenes import ALL, SECRET, address, ticks
from tests.desks import signed_in, with_password
from tests.night import Night
from tests.people import MARIES_NUMBER, NADIA, PASSWORD, RELATIVES, make_phone
from tests.responders.intruder import click

pytestmark = pytest.mark.django_db


def doors(marie: Victim, drill: Alert) -> dict[str, Callable[[Client], int]]:
    """Everything that an advocate may try on her drills."""
    return {
        "list": lambda desk: desk.get(address("accompanied_drills", marie)).status_code,
        "start": lambda desk: desk.post(address("accompanied_drill_start", marie), {"gesture": "double"}).status_code,
        "read": lambda desk: desk.get(address("accompanied_drill", marie, drill)).status_code,
        "end": lambda desk: desk.post(address("accompanied_drill_end", marie, drill)).status_code,
    }


# ---- Drills ----


def test_karim_starts_a_drill_with_her_and_she_reads_who_did(marie: Victim, karim: Advocate, desk: Client) -> None:
    ticks(marie, advocate_drills=True)

    answer = desk.post(address("accompanied_drill_start", marie), {"gesture": "double"})

    drill = Alert.objects.get()
    assert answer["Location"] == address("accompanied_drill", marie, drill)
    assert (drill.drill, drill.started_by) == (True, karim)
    assert set(drill.deliveries.values_list("contact__rank", flat=True)) == set(range(1, len(RELATIVES) + 1))
    hers = signed_in(marie.account)
    for page in (reverse("alerts:drills"), reverse("alerts:drill", args=[drill.pk])):
        text = hers.get(page).content.decode()
        assert f"Commencé par Contre Vents (compte {karim.account_id})" in text
        assert "karim" not in text, "Paul reads this page too"


def test_her_own_drill_says_nothing_of_anybody_else(marie: Victim) -> None:
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())

    assert "Commencé par" not in signed_in(marie.account).get(reverse("alerts:drill", args=[drill.pk])).content.decode()


def test_nothing_of_hers_opens_before_she_ticks_it(marie: Victim, desk: Client) -> None:
    ticks(marie, advocate_silences=True, advocate_names=True)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())

    assert {name: try_it(desk) for name, try_it in doors(marie, drill).items()} == dict.fromkeys(
        ("list", "start", "read", "end"), 404
    )
    assert "Exercices" not in desk.get(reverse("alerts:accompanied")).content.decode()


def test_an_advocate_of_another_association_meets_nothing(marie: Victim) -> None:
    ticks(marie, **ALL)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    other = Advocate.objects.create(
        account=Account.objects.create_user("salome", PASSWORD), association=Association.objects.create(name="Autre")
    )
    TOTP.activate(other.account, SECRET)
    hers = with_password(other.account)

    assert {try_it(hers) for try_it in doors(marie, drill).values()} == {404}
    assert "marie" not in hers.get(reverse("alerts:accompanied")).content.decode()
    with pytest.raises(her_drills.NotAllowedError):
        her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now(), advocate=other)


def test_the_password_is_asked_before_a_drill_and_a_visit_starts_none(
    marie: Victim, karim: Advocate, desk: Client
) -> None:
    ticks(marie, advocate_drills=True)
    here = address("accompanied_drill_start", marie)

    refused = signed_in(karim.account).post(here, {"gesture": "double"})
    desk.get(here)

    assert "/reauthenticate/" in refused["Location"]
    assert not Alert.objects.exists()


def test_karim_reads_the_report_without_a_name_a_number_or_a_place(marie: Victim, desk: Client) -> None:
    ticks(marie, advocate_drills=True)
    Contact.objects.filter(rank=2).update(state=ContactState.DECOY)
    desk.post(address("accompanied_drill_start", marie), {"gesture": "double"})
    drill = Alert.objects.get()
    night = Night(marie=marie, phone=make_phone(marie), now=drill.opened_at + timedelta(seconds=20))
    night.work()
    night.opens_the_link(NADIA)

    page = desk.get(address("accompanied_drill", marie, drill)).content.decode()

    assert "Lien ouvert en 20 secondes" in page
    assert [f"Proche {rank}" in page for rank in range(1, 7)] == [True] * 5 + [False], "a decoy is one of five"
    digits = re.sub(r"\D", "", page)
    for person in RELATIVES:
        assert person.name not in page
        assert person.email not in page
        assert person.phone_number[3:] not in digits
    assert MARIES_NUMBER[3:] not in digits
    assert "Compiègne" not in page
    assert "49.4" not in page


def test_the_names_are_a_tick_of_their_own(marie: Victim, desk: Client) -> None:
    ticks(marie, **ALL)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())

    page = desk.get(address("accompanied_drill", marie, drill)).content.decode()

    assert "Nadia" in page
    assert "Proche 1" not in page


def test_karim_never_opens_an_alert_as_if_it_were_a_drill(marie: Victim, phone: Phone, desk: Client) -> None:
    ticks(marie, **ALL)
    alert = click(phone)

    assert desk.get(address("accompanied_drill", marie, alert)).status_code == 404
    assert desk.post(address("accompanied_drill_end", marie, alert)).status_code == 404
    alert.refresh_from_db()
    assert alert.state == AlertState.OPEN


def test_a_refused_drill_does_not_say_that_she_is_in_danger(marie: Victim, phone: Phone, desk: Client) -> None:
    ticks(marie, advocate_drills=True)
    said = []
    for is_real in (True, False):
        Alert.objects.all().delete()
        if is_real:
            click(phone)
        else:
            her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
        page = desk.post(address("accompanied_drill_start", marie), {"gesture": "double"}, follow=True).content.decode()
        said.append(re.findall(r'role="status"[^<]*>[^<]*', page))

    assert said[0] == said[1] != []


def test_karim_ends_a_drill_and_everybody_hears_of_it(marie: Victim, desk: Client) -> None:
    ticks(marie, advocate_drills=True)
    desk.post(address("accompanied_drill_start", marie), {"gesture": "single"})
    drill = Alert.objects.get()

    desk.post(address("accompanied_drill_end", marie, drill))

    drill.refresh_from_db()
    assert drill.state == AlertState.CLOSED
    assert drill.events.filter(kind=EventKind.CLOSED).exists()


def test_she_takes_it_back_and_the_next_click_of_karim_starts_nothing(
    marie: Victim, karim: Advocate, desk: Client
) -> None:
    ticks(marie, advocate_drills=True)
    with_password(marie.account).post(reverse("alerts:sharing"), {})

    assert desk.post(address("accompanied_drill_start", marie), {"gesture": "double"}).status_code == 404
    with pytest.raises(her_drills.NotAllowedError):
        her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now(), advocate=karim)


def test_what_she_takes_away_says_what_she_ticked_and_who_began_a_drill(marie: Victim, karim: Advocate) -> None:
    ticks(marie, advocate_drills=True)
    her_drills.end(
        her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now(), advocate=karim), now=timezone.now()
    )
    marie = Victim.objects.get()

    pieces = {name: "".join(file) for name, file in exporting.files(marie, now=timezone.now())}

    written = json.loads(pieces["carnet.json"])
    assert written["hers"]["advocate_drills"] is True
    assert [alert["started_by"] for alert in written["alerts"]] == [f"Contre Vents (compte {karim.account_id})"]


def test_without_a_second_factor_karim_is_sent_to_choose_one_and_others_meet_nothing(
    marie: Victim, karim: Advocate
) -> None:
    ticks(marie, **ALL)
    drill = her_drills.start(marie, gesture=Gesture.DOUBLE, now=timezone.now())
    Authenticator.objects.all().delete()

    assert {try_it(with_password(karim.account)) for try_it in doors(marie, drill).values()} == {302}
    assert {try_it(with_password(marie.account)) for try_it in doors(marie, drill).values()} == {404}
    assert {try_it(Client()) for try_it in doors(marie, drill).values()} == {302}
    drill.refresh_from_db()
    assert drill.state == AlertState.OPEN
    assert Alert.objects.count() == 1
