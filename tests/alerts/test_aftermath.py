"""Afterwards: who was told, who opened, who looked, who did what; and Paul reads no more than that."""

import json
import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import aftermath, alerting, her_drills, looking, readiness
from alerts.models import Account, Alert, Contact, Look, Victim
from alerts.models.alerts import AppendOnlyError
from alerts.states import AlertState, Channel, ContactState, DeliveryState, Gesture
from tests.desks import signed_in, with_password
from tests.night import Night
from tests.people import AWA, LINE, NADIA, PASSWORD, PAUL, THOMAS, make_contact, make_marie, make_operator
from tests.responders.scenes import fix

pytestmark = pytest.mark.django_db

# When this test ran, as her archive writes it: a minute may end between two of them. The night itself is in June 2026.
TODAY = re.compile(r"\d{1,2} (?!juin 2026)\w+ \d{4} \d\d:\d\d")


def a_night(end: AlertState, reason: str = "safe", username: str = "marie") -> Night:
    """A rescue with everything in it, closed one way or the other; after a forced end her relatives go on."""
    night = Night.falls(username)
    night.click()
    night.now += timedelta(seconds=4)
    night.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)
    night.receipt(THOMAS, Channel.SMS, DeliveryState.FAILED, code="30005")
    night.opens_the_link(NADIA)
    night.takes_charge(NADIA)
    night.now += timedelta(seconds=60)
    alerting.close(night.alert, end, reason=reason, now=night.now)
    night.work()
    if end is AlertState.CLOSED_UNDER_DURESS:
        night.now += timedelta(seconds=60)
        night.opens_the_link(AWA)
        night.releases(NADIA)
        night.after(700)
        night.takes_charge(AWA)
        alerting.expire(night.alert, now=night.alert.expires_at)
    return night


def as_read(night: Night, page: str) -> str:
    """A page of hers from its title on, without what differs between any two alerts."""
    html = with_password(night.marie.account).get(page).content.decode()
    return html[html.index("<h1>") :].replace(str(night.alert.pk), "pk")


def archive(night: Night) -> zipfile.ZipFile:
    answer: Any = with_password(night.marie.account).get(reverse("alerts:export"))
    return zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content)))


def test_she_reads_who_was_told_and_who_opened_and_who_did_what() -> None:
    night = a_night(AlertState.CLOSED)

    told = aftermath.of(night.alert)

    nadia, thomas, *_ = told.people
    assert (nadia.name, nadia.opened_at is not None, nadia.looks) == ("Nadia", True, 1)
    assert "SMS : reçu" in nadia.ways
    assert "SMS : échec, numéro inconnu" in thomas.ways
    assert [text for _, text in told.lines][-1] == "Marie a mis fin à l'alerte : en sécurité"
    assert "Nadia prend en charge" in [text for _, text in told.lines]
    assert [(seen.who, seen.words) for seen in told.looks] == [("Nadia", "a ouvert le lien, avec la position")]
    page = as_read(night, reverse("alerts:past_alert", args=[night.alert.pk]))
    assert "A ouvert le lien à" in page


@pytest.mark.parametrize("reason", ["safe", "false_alarm"])
def test_paul_reads_the_same_to_the_last_letter_of_a_forced_end(reason: str) -> None:
    """He made her type a code. What her relatives went on doing stands on none of her pages and in no export."""
    read = []
    for end in (AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS):
        Victim.objects.all().delete()
        Account.objects.all().delete()
        night = a_night(end, reason)
        pages = [reverse("alerts:past_alert", args=[night.alert.pk]), reverse("alerts:looks")]
        zipped = archive(night)
        files = [zipped.read(name).decode().replace(str(night.alert.pk), "pk") for name in zipped.namelist()]
        written, shown = json.loads(files[1]), re.sub(TODAY, "today", files[0].partition("<h2>")[2])
        read.append([*(as_read(night, page) for page in pages), written["alerts"], shown])
        assert LINE.name not in str(read[-1][0]), "the on-call line was called after the forced end alone"

    assert read[0] == read[1]
    assert "contrainte" not in str(read)
    assert "duress" not in str(read)


def test_staff_who_saw_it_in_a_list_stand_in_hers_once_an_hour() -> None:
    night = a_night(AlertState.CLOSED)
    operator = Client()
    olga = make_operator()
    assert operator.login(username="olga", password=PASSWORD)

    for _ in range(3):
        assert operator.get("/admin/alerts/alert/").status_code == 200

    [look] = Look.objects.filter(account__isnull=False)
    assert (look.account, look.what, look.contact) == (olga, looking.What.LIST, None)
    looking.by_staff([night.alert], olga, now=look.at + looking.AGAIN_AFTER)
    assert Look.objects.filter(account=olga).count() == 2
    assert f"Équipe du service (compte {olga.pk}) a vu l&#x27;alerte dans une liste" in as_read(
        night, reverse("alerts:looks")
    )


def test_a_decoy_is_missing_in_no_list_of_hers() -> None:
    """Paul seems enrolled. A list of who was told without him would tell him that he is not."""
    night = Night.falls()
    paul = make_contact(night.marie, PAUL, rank=3, state=ContactState.DECOY)
    Contact.objects.filter(pk=paul.pk).update(created_at=night.now - timedelta(days=9))
    drill = her_drills.start(night.marie, gesture=Gesture.DOUBLE, now=night.now)
    her_drills.end(drill, now=night.now)
    night.now = drill.expires_at
    night.click()
    night.closes()

    [his] = [person for person in aftermath.of(night.alert).people if person.name == "Paul"]
    assert his.ways == ("SMS : parti", "Appel : lancé", "E-mail : parti")
    assert [way.words for way in readiness.report(drill, now=night.now).people[3].ways] == list(his.ways)
    pages = (reverse("alerts:past_alert", args=[night.alert.pk]), reverse("alerts:drill", args=[drill.pk]))
    for page in (*pages, reverse("alerts:drills")):
        assert "Paul" in as_read(night, page), page
    assert b"decoy" not in archive(night).read("carnet.json")
    assert not paul.deliveries.exists(), "and he is never told anything"


def test_nobody_shortens_the_list_of_looks() -> None:
    a_night(AlertState.CLOSED)
    look = Look.objects.get()

    for forbidden in (
        look.delete,
        look.save,
        Look.objects.all().delete,
        lambda: Look.objects.update(at=look.at - timedelta(days=1)),
    ):
        with pytest.raises(AppendOnlyError):
            forbidden()
    assert Look.objects.count() == 1


def test_a_relative_removed_later_still_stands_in_the_list() -> None:
    night = a_night(AlertState.CLOSED)
    night.contact(NADIA).delete()

    assert "la fiche n&#x27;existe plus" in as_read(night, reverse("alerts:looks"))


def test_nothing_is_read_before_the_end_nor_by_another() -> None:
    night = Night.falls()
    night.now = timezone.now()
    night.click()
    page = reverse("alerts:past_alert", args=[night.alert.pk])

    assert signed_in(night.marie.account).get(page).status_code == 404
    assert "Nadia" not in as_read(night, reverse("alerts:looks"))
    alerting.close(night.alert, AlertState.CLOSED, reason="safe", now=night.now)
    assert signed_in(night.marie.account).get(page).status_code == 200
    assert signed_in(make_marie("lea", relatives=()).account).get(page).status_code == 404
    assert "/login/" in Client().get(page)["Location"]


def test_her_positions_are_in_what_she_takes_away_and_on_no_page() -> None:
    night = Night.falls()
    night.click()
    here = fix(at=night.now)
    night.alert.positions.create(
        uid=here.uid,
        latitude=here.latitude,
        longitude=here.longitude,
        recorded_at=night.now,
        fixed_at=night.now,
        received_at=night.now,
    )
    alerting.close(night.alert, AlertState.CLOSED, reason="safe", now=night.now)

    [alert] = json.loads(archive(night).read("carnet.json"))["alerts"]
    assert alert["positions"][0]["latitude"] == here.latitude
    assert str(here.latitude)[:6] not in as_read(night, reverse("alerts:past_alert", args=[night.alert.pk]))
    assert Alert.objects.count() == 1
