"""What is forgotten when its time is over, by the sweep once a day and by a command; and what is not."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from alerts.domain import alerting, beats, contacts, costs, her_drills, keeping, timeline
from alerts.models import Alert, Contact, Delivery, Event, Look, PairingCode, Position, Tariff, Victim
from alerts.models.fields import digest
from alerts.states import AlertState, Channel, EventKind, Gesture
from responders.models import SharedPosition, Visit
from tests.night import Night
from tests.people import NADIA, NOON, THOMAS, Person, make_marie
from tests.responders.intruder import enrolled, his_page
from tests.responders.scenes import open_place, rescue, walk

pytestmark = pytest.mark.django_db
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def after(alert: Alert, days: str) -> datetime:
    """A day after the time of this is over."""
    return alert.expires_at + timedelta(days=settings.KEEPING[days] + 1)


@pytest.fixture
def alert() -> Alert:
    """An alert with a track, an opened link and looks, closed under duress and long over."""
    alert = rescue()
    walk(alert, 5, now=timezone.now())
    open_place(alert, NADIA)
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())
    alerting.expire(alert, now=alert.expires_at)
    return Alert.objects.select_related("victim").get(pk=alert.pk)


def test_positions_go_first_and_with_them_the_place_in_the_timeline(alert: Alert) -> None:
    keeping.everything(now=after(alert, "positions_days") - 2 * DAY)
    assert Position.objects.count() == 6

    keeping.everything(now=after(alert, "positions_days"))

    assert not Position.objects.exists()
    opened = Event.objects.select_related("alert__victim").get(kind=EventKind.OPENED)
    assert timeline.words(opened) == "Marie a donné l'alerte"
    assert Alert.objects.exists()
    assert Delivery.objects.exists()
    assert Look.objects.exists()
    assert not Visit.objects.exists()


def test_then_the_journal_of_what_was_sent_and_what_people_did_stays(alert: Alert) -> None:
    keeping.everything(now=after(alert, "deliveries_days"))

    assert not Delivery.objects.exists()
    assert not Event.objects.filter(kind__in=timeline.MESSAGES).exists()
    assert Event.objects.filter(kind=EventKind.LINK_OPENED).exists()
    assert Look.objects.exists()


def test_in_the_end_the_whole_alert(alert: Alert) -> None:
    keeping.everything(now=after(alert, "alerts_days"))

    assert not Alert.objects.exists()
    assert not Look.objects.exists()


def test_a_drill_goes_earlier_than_an_alert() -> None:
    drill = her_drills.start(make_marie(), gesture=Gesture.DOUBLE, now=NOON)
    her_drills.end(drill, now=NOON)

    keeping.everything(now=after(drill, "drills_days"))

    assert not Alert.objects.exists()


def test_an_alert_that_nobody_ended_is_never_forgotten() -> None:
    """The sweep that ends it stood still: what is open stays, whatever the calendar says."""
    alert = rescue()

    keeping.everything(now=after(alert, "alerts_days"))

    assert Alert.objects.exists()


def test_what_it_cost_stays_on_the_bill_of_its_month() -> None:
    night = Night.falls()
    night.click()
    night.closes()
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.05"), prefix="+33")
    Delivery.objects.filter(channel=Channel.SMS).update(provider="twilio", provider_id="SM", parts=2)
    [before] = costs.of_month(NOON)

    for days in ("deliveries_days", "alerts_days"):
        keeping.everything(now=after(night.alert, days) if Alert.objects.exists() else NOON)
        [now] = costs.of_month(NOON)
        assert now.bill == before.bill, days


def test_where_responders_were_is_forgotten_with_the_end_and_not_before() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    nadia.post(f"{place}position", json.dumps({"latitude": 49.4, "longitude": 2.8}), content_type="application/json")
    assert SharedPosition.objects.count() == 1

    keeping.everything(now=timezone.now())
    assert SharedPosition.objects.count() == 1
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    keeping.everything(now=timezone.now())

    assert not SharedPosition.objects.exists()


def test_codes_and_sessions_that_open_nothing_any_more_are_forgotten() -> None:
    marie = make_marie()
    PairingCode.objects.create(victim=marie, code_digest="old", drawn_at=NOON - 2 * DAY)
    PairingCode.objects.create(victim=marie, code_digest="new", drawn_at=NOON)
    Session.objects.create(session_key="old", session_data="", expire_date=NOON - DAY)
    Session.objects.create(session_key="new", session_data="", expire_date=NOON + DAY)

    keeping.everything(now=NOON)

    assert PairingCode.objects.get().code_digest == "new"
    assert Session.objects.get().session_key == "new"


def test_the_sweep_does_a_days_work_in_bites_and_then_rests_until_the_next_day(alert: Alert) -> None:
    now = after(alert, "alerts_days")
    for _ in range(5):
        keeping.tend(now=now)
    assert not Alert.objects.exists()
    assert beats.last(keeping.KEEPER) == now

    Session.objects.create(session_key="old", session_data="", expire_date=now - DAY)
    keeping.tend(now=now + timedelta(hours=23))
    assert Session.objects.exists()
    keeping.tend(now=now + timedelta(hours=25))
    assert not Session.objects.exists()


def test_a_clock_that_was_set_back_does_not_keep_the_sweep_from_its_work() -> None:
    beats.beat(keeping.KEEPER, now=NOON + 30 * DAY)

    keeping.tend(now=NOON)

    assert beats.last(keeping.KEEPER) == NOON


def test_the_command_counts_first_and_erases_then(alert: Alert) -> None:
    Alert.objects.update(expires_at=timezone.now() - 40 * DAY, opened_at=timezone.now() - 41 * DAY)

    def said(*options: str) -> dict[str, int]:
        out = StringIO()
        call_command("retention", *options, stdout=out)
        counts: dict[str, int] = json.loads(out.getvalue())
        return counts

    assert said("--dry-run")["positions"] == 6
    assert Position.objects.count() == 6
    assert said()["positions"] == 6
    assert said("--dry-run") == {}


# ---- Relatives whom she removed ----


def removed(person: Person, *, at: datetime) -> Contact:
    contact = Contact.objects.get(victim__account__username="marie", phone_digest=digest("number", person.phone_number))
    contacts.remove(contact, now=at)
    return contact


def test_the_number_of_a_removed_relative_goes_after_its_days_and_the_name_stays_in_the_story() -> None:
    night = Night.falls()
    night.click()
    night.opens_the_link(NADIA)
    night.closes()
    told_before = [event_text for event_text in night.said() if "Nadia" in event_text]
    gone = night.alert.expires_at
    nadia = removed(NADIA, at=gone)

    keeping.everything(now=gone + timedelta(days=settings.KEEPING["removed_days"]) - HOUR)
    nadia.refresh_from_db()
    assert (nadia.phone_number, nadia.email) == (NADIA.phone_number, NADIA.email)

    keeping.everything(now=gone + timedelta(days=settings.KEEPING["removed_days"]) + HOUR)

    nadia.refresh_from_db()
    assert (nadia.name, nadia.phone_number, nadia.phone_digest, nadia.email) == ("Nadia", "+336", "", "")
    assert [event_text for event_text in night.said() if "Nadia" in event_text] == told_before != []
    thomas = night.contact(THOMAS)
    assert (thomas.phone_number, thomas.email) == (THOMAS.phone_number, THOMAS.email)


def test_what_was_sent_to_a_removed_relative_stays_on_the_bill_at_its_price() -> None:
    night = Night.falls()
    night.click()
    night.closes()
    Tariff.objects.create(provider="twilio", channel=Channel.SMS, price=Decimal("0.05"), prefix="+33")
    Delivery.objects.filter(channel=Channel.SMS).update(provider="twilio", provider_id="SM", parts=2)
    [before] = costs.of_month(NOON)
    removed(NADIA, at=night.alert.expires_at)

    keeping.bite(now=night.alert.expires_at + timedelta(days=40))

    [now] = costs.of_month(NOON)
    assert before.bill.euros > 0
    assert now.bill == before.bill


def test_who_answered_stop_and_was_removed_is_not_written_to_by_mistake_a_year_later() -> None:
    marie = make_marie()
    Contact.objects.filter(rank=1).update(sms_stopped_at=NOON)
    removed(NADIA, at=NOON)
    keeping.everything(now=NOON + 400 * DAY)

    again = contacts.add(marie, card_of(NADIA), now=NOON + 401 * DAY)

    assert again.sms_stopped_at == NOON


def test_a_removal_that_was_taken_back_is_no_removal() -> None:
    marie = make_marie()
    nadia = Contact.objects.get(rank=1)
    contacts.take_back(marie, contacts.remove(nadia, now=NOON), now=NOON)

    keeping.everything(now=NOON + 400 * DAY)

    nadia.refresh_from_db()
    assert (nadia.removed_at, nadia.phone_number) == (None, NADIA.phone_number)


def test_another_number_for_the_same_relative_ends_the_old_one() -> None:
    """Behind another number waits somebody else: the old line is a removal, and its number goes like any."""
    make_marie()
    nadia = Contact.objects.get(rank=1)
    contacts.change(nadia, replace(card_of(NADIA), phone_number="+33639980077"), now=NOON)

    counts = keeping.due(now=NOON + 31 * DAY)
    keeping.everything(now=NOON + 31 * DAY)

    nadia.refresh_from_db()
    assert counts["removed contacts"] == 1
    assert nadia.phone_number == "+336"
    assert keeping.due(now=NOON + 31 * DAY)["removed contacts"] == 0


def test_a_removed_relative_of_an_alert_that_goes_on_for_the_others_is_kept_whole() -> None:
    """Closed under duress, and the days of the setting are shorter than the alert: it needs its numbers."""
    night = Night.falls()
    night.click()
    night.closes(AlertState.CLOSED_UNDER_DURESS)
    nadia = removed(NADIA, at=night.now)
    Alert.objects.update(expires_at=night.now + 60 * DAY)

    keeping.everything(now=night.now + 31 * DAY)

    nadia.refresh_from_db()
    assert nadia.phone_number == NADIA.phone_number


def test_paul_who_was_removed_reads_the_same_page_after_his_number_was_forgotten() -> None:
    make_marie(relatives=())
    paul = enrolled(Victim.objects.get())
    contacts.remove(paul, now=timezone.now() - 40 * DAY)
    place, his = his_page(paul)
    before = [his.get(place).content, his.get(f"{place}contact.vcf").content]

    assert keeping.bite(now=timezone.now())["removed contacts"] == 1

    assert [his.get(place).content, his.get(f"{place}contact.vcf").content] == before


def card_of(person: Person) -> contacts.Card:
    return contacts.Card(
        name=person.name,
        phone_number=person.phone_number,
        email=person.email,
        language="fr",
        by_sms=True,
        by_voice=True,
        by_email=True,
        on_single=True,
    )
