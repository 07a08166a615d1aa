"""She takes everything away, and she has everything erased: by her hand and her password, and nobody else's."""

import json
import re
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.test import Client
from django.urls import reverse

from alerts.domain import costs, erasing, exporting, her_drills
from alerts.models import Account, Advocate, Alert, Association, Button, Contact, Delivery, Tariff, Victim
from alerts.states import AlertState, ButtonState, Channel, Gesture
from tests.desks import signed_in, with_password
from tests.night import Night
from tests.people import DURESS_PIN, NADIA, NOON, OSMAND_ID, PIN, RELATIVES, make_marie, make_phone

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ERASE = {"word": "effacer", "code": PIN}


@pytest.fixture
def past() -> Night:
    """A night of long ago: its cap is past."""
    night = Night.falls()
    night.click()
    night.opens_the_link(NADIA)
    night.closes()
    night.now = night.alert.expires_at + HOUR
    return night


def archive(browser: Client) -> zipfile.ZipFile:
    answer: Any = browser.get(reverse("alerts:export"))
    assert answer["Content-Type"] == "application/zip"
    assert re.fullmatch(r'attachment; filename="carnet-\d{4}-\d\d-\d\d\.zip"', answer["Content-Disposition"])
    assert answer["Cache-Control"] == "no-store"
    return zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))


# ---- Taking away ----


def test_she_takes_away_everything_as_a_page_and_for_programs(past: Night) -> None:
    zipped = archive(with_password(past.marie.account))

    assert zipped.testzip() is None
    assert zipped.namelist() == ["carnet.html", "carnet.json"]
    written, page = json.loads(zipped.read("carnet.json")), zipped.read("carnet.html").decode()
    assert written["format"] == exporting.FORMAT
    assert written["account"]["username"] == "marie"
    assert [one["phone_number"] for one in written["contacts"]][: len(RELATIVES)] == [
        person.phone_number for person in RELATIVES
    ]
    assert [alert["kind"] for alert in written["alerts"]] == ["rescue"]
    assert written["alerts"][0]["told"][0]["name"] == "Nadia"
    for words in ("Marie", "Nadia", "Nadia a ouvert le lien"):
        assert words in page
    assert not re.search(r"<script|https?://|src=", page), "it needs nothing else and asks nobody"


def test_no_secret_leaves_with_it(past: Night) -> None:
    zipped = archive(with_password(past.marie.account))
    text = "".join(zipped.read(name).decode() for name in zipped.namelist())

    secrets = [past.marie.pin_hash, past.marie.duress_pin_hash, past.marie.account.password]
    secrets += [past.phone.token_hash, past.phone.osmand_id, past.phone.osmand_digest, OSMAND_ID]
    secrets += list(past.alert.links.values_list("place", flat=True))
    secrets += list(past.alert.links.values_list("tokens__token_hash", flat=True))
    assert not [secret for secret in filter(None, secrets) if secret in text]
    assert PIN not in re.findall(r"\b\d{4}\b", text)
    assert DURESS_PIN not in re.findall(r"\b\d{4}\b", text)


def test_hostile_names_are_letters_in_it(past: Night) -> None:
    Victim.objects.update(name="</td><script>alert(1)</script>")
    zipped = archive(with_password(past.marie.account))

    assert "<script>" not in zipped.read("carnet.html").decode()
    assert json.loads(zipped.read("carnet.json"))["hers"]["name"] == "</td><script>alert(1)</script>"


def test_paul_at_an_open_session_takes_and_erases_nothing(past: Night) -> None:
    session = signed_in(past.marie.account)

    for page in ("alerts:export", "alerts:erase"):
        assert "/reauthenticate/" in session.get(reverse(page))["Location"]
        assert "/reauthenticate/" in session.post(reverse(page), ERASE)["Location"]
    assert Victim.objects.count() == 1


def hanging_on(model: type[models.Model], seen: set[str]) -> Iterator[str]:
    """This table and every one whose rows go with its rows."""
    label = model._meta.label
    if label in seen:
        return
    seen.add(label)
    yield label
    for relation in model._meta.related_objects:
        related = relation.related_model
        if getattr(relation, "on_delete", None) is models.CASCADE:
            yield from hanging_on(related, seen)


def test_every_table_that_hangs_on_her_is_told_or_withheld_for_a_reason() -> None:
    hers = {*hanging_on(apps.get_model("alerts.Victim"), set()), "alerts.Button"}

    assert hers == {*exporting.TOLD, *exporting.WITHHELD}
    assert not {*exporting.TOLD} & {*exporting.WITHHELD}


# ---- Erasing ----


def test_what_is_erased_is_gone_and_she_is_signed_out(past: Night) -> None:
    browser = with_password(past.marie.account)

    page = browser.post(reverse("alerts:erase"), ERASE).content.decode()

    assert "Tout est effacé" in page
    hers = {*exporting.TOLD, *exporting.WITHHELD}
    left = {label: apps.get_model(label)._default_manager.count() for label in hers}
    assert {label: count for label, count in left.items() if count} == {}
    assert not Account.objects.exists()
    assert "/login/" in browser.get(reverse("alerts:profile"))["Location"]


@pytest.mark.parametrize("word", ["", "oui", "effacer!"])
def test_without_the_word_nothing_is_erased(past: Night, word: str) -> None:
    page = with_password(past.marie.account).post(reverse("alerts:erase"), {"word": word}).content.decode()

    assert "le mot est EFFACER" in page
    assert Victim.objects.count() == 1


def test_the_page_says_what_remains_and_why(past: Night) -> None:
    page = with_password(past.marie.account).get(reverse("alerts:erase")).content.decode()

    assert "Ce qui reste, et pourquoi" in page
    assert "sauvegarde" in page


@pytest.mark.parametrize("end", [None, AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS])
def test_nothing_is_erased_while_an_alert_may_go_on_for_somebody(end: AlertState | None) -> None:
    """Paul makes her close it and erase it: her relatives keep their pages, and he reads the same after any end."""
    night = Night.falls()
    night.click()
    if end is not None:
        night.closes(end)

    with pytest.raises(erasing.NotNowError):
        erasing.erase(night.marie, now=night.alert.expires_at - HOUR)
    assert Alert.objects.count() == 1
    erasing.erase(night.marie, now=night.alert.expires_at + HOUR)
    assert not Alert.objects.exists()


def test_a_drill_that_goes_on_does_not_hold_her_back() -> None:
    marie = make_marie()
    her_drills.start(marie, gesture=Gesture.DOUBLE, now=NOON)

    erasing.erase(marie, now=NOON)

    assert not Alert.objects.exists()


def test_the_button_goes_back_and_the_bill_stays(past: Night) -> None:
    association = Association.objects.create(name="Contre Vents")
    Victim.objects.update(association=association)
    button = Button.objects.create(
        association=association, victim=past.marie, serial="B-1", state=ButtonState.ACTIVATED
    )
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.05"), prefix="+33")
    Delivery.objects.filter(channel=Channel.SMS).update(provider="twilio", provider_id="SM", parts=2)
    [before] = costs.of_month(NOON)
    total = costs.PartsCounter().figure().samples

    erasing.erase(Victim.objects.get(), now=past.now)

    button.refresh_from_db()
    assert button.victim is None
    [after] = costs.of_month(NOON)
    assert (after.association, after.canary, after.bill) == (association, False, before.bill)
    assert costs.PartsCounter().figure().samples == total


def test_nobody_else_loses_anything(past: Night) -> None:
    leila = make_marie("leila")
    make_phone(leila, token="phone of leila", osmand_id="osmand of leila")

    erasing.erase(past.marie, now=past.now)

    assert list(Victim.objects.all()) == [leila]
    assert Contact.objects.count() == len(RELATIVES)


def test_somebody_who_also_works_here_keeps_her_account(past: Night) -> None:
    association = Association.objects.create(name="Contre Vents")
    Advocate.objects.create(account=past.marie.account, association=association)

    erasing.erase(past.marie, now=past.now)

    assert Account.objects.count() == Advocate.objects.count() == 1
