"""Marie tries it with her relatives: everything as in an alert, and nothing that could be taken for one."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, composing, her_drills, receiving, tracking
from alerts.models import Alert, Contact, Delivery, Phone, Position, Victim
from alerts.states import AlertKind, AlertState, Channel, Gesture, Occasion
from tests.desks import signed_in, with_password
from tests.people import RELATIVES, make_marie
from tests.responders.scenes import fix

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def desk(marie: Victim) -> Client:
    """Marie's browser, the password just given."""
    return with_password(marie.account)


def started(marie: Victim, *, now: datetime | None = None, gesture: Gesture = Gesture.DOUBLE) -> Alert:
    return her_drills.start(marie, gesture=gesture, now=now or timezone.now())


def messages_of(alert: Alert) -> Iterator[tuple[Channel, str]]:
    """Everything that was written to anybody, as it travels."""
    rows = Delivery.objects.select_related("contact", "alert__victim").filter(alert=alert)
    for row in rows:
        position = tracking.newest(alert)
        sent = composing.message_of(row, alert, position, token="T" * 22)
        yield sent.channel, " ".join((sent.subject, sent.text, sent.html, sent.prompt))


def a_click(phone: Phone, *, now: datetime, gesture: Gesture = Gesture.DOUBLE) -> Alert:
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(phone, report, now=now).alert


def test_she_starts_a_drill_from_her_page_and_everybody_is_told(marie: Victim, desk: Client) -> None:
    answer = desk.post(reverse("alerts:drill_start"), {"gesture": "double"})

    drill = Alert.objects.get()
    assert answer["Location"] == reverse("alerts:drill", args=[drill.pk])
    assert (drill.drill, drill.kind) == (True, AlertKind.RESCUE)
    assert drill.expires_at - drill.opened_at == her_drills.LASTS
    told = set(Delivery.objects.values_list("contact__rank", "channel", "occasion"))
    assert told == {(rank, str(way), Occasion.DRILL) for rank in range(1, len(RELATIVES) + 1) for way in Channel}
    assert "EXERCICE" in desk.get(answer["Location"]).content.decode().upper()


def test_a_single_click_is_tried_with_those_whom_it_would_tell(marie: Victim) -> None:
    Contact.objects.filter(rank__gt=2).update(on_single=False)

    drill = started(marie, gesture=Gesture.SINGLE)

    assert set(drill.deliveries.values_list("contact__rank", "channel")) == {(1, "sms"), (2, "sms")}


@pytest.mark.parametrize("gesture", list(Gesture))
def test_every_message_of_a_drill_says_so_and_none_names_the_17(marie: Victim, gesture: Gesture) -> None:
    Victim.objects.update(text_rescue="appelez le 17", text_alarm="appelez le 17", text_prevention="appelez le 17")
    drill = started(Victim.objects.get(), gesture=gesture)
    her_drills.end(drill, now=timezone.now())

    said = list(messages_of(Alert.objects.select_related("victim").get()))

    assert {channel for channel, _ in said} == ({Channel.SMS} if gesture is Gesture.SINGLE else set(Channel))
    for _, text in said:
        assert any(word in text.lower() for word in ("exercice", "drill")), text
        assert not re.search(r"(?<![\d.:])17(?!\d)", text), text
        assert "fermée avec son code" not in text


def test_a_voice_heard_from_the_middle_still_says_that_it_is_an_exercise(marie: Victim) -> None:
    drill = started(marie)

    [nadia, *_] = [text for channel, text in messages_of(drill) if channel is Channel.VOICE]

    middle = nadia[nadia.index("appelle au secours") - 70 :]
    assert "Dans une vraie alerte, vous entendriez : Marie appelle au secours." in middle
    assert "Ceci est un exercice" in middle, "and again before the keys"


def test_a_drill_tells_nobody_where_she_is_and_starts_nothing_on_her_telephone(marie: Victim, phone: Phone) -> None:
    now = timezone.now()
    drill = started(marie, now=now)

    here = fix(at=now + MINUTE, place=(48.8566, 2.3522))
    tally = receiving.receive(phone, [here], sent_at=now + MINUTE, now=now + MINUTE)

    [place] = Position.objects.filter(alert=drill)
    assert (place.latitude, place.longitude) == her_drills.SAMPLE
    assert (tally.stored, tally.refused, tally.is_open) == (0, 1, False)
    phone.refresh_from_db()
    assert phone.seen_at is None, "a drill does not prove that her telephone works"


def test_paul_at_an_open_session_starts_no_drill_and_a_visit_of_the_address_neither(
    marie: Victim, desk: Client
) -> None:
    refused = signed_in(marie.account).post(reverse("alerts:drill_start"), {"gesture": "double"})
    desk.get(reverse("alerts:drill_start"))

    assert "/reauthenticate/" in refused["Location"]
    assert not Alert.objects.exists()


@pytest.mark.parametrize("end", [None, AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS])
def test_no_drill_beside_an_alert_nor_until_its_cap_however_it_ended(
    marie: Victim, phone: Phone, end: AlertState | None
) -> None:
    """Who reads "exercise" beside the news of a danger believes the wrong one; and Paul learns nothing of the end."""
    now = timezone.now()
    alert = a_click(phone, now=now)
    if end is not None:
        alerting.close(alert, end, reason="safe", now=now)

    for later in (now, alert.expires_at - MINUTE):
        with pytest.raises(her_drills.NotNowError):
            started(marie, now=later)
    alerting.expire_overdue(now=alert.expires_at)
    assert started(marie, now=alert.expires_at).drill


def test_a_refusal_says_the_same_whatever_stands_in_the_way(marie: Victim, phone: Phone, desk: Client) -> None:
    said = []
    for begin in (partial(a_click, phone), partial(started, marie)):
        Alert.objects.all().delete()
        begin(now=timezone.now())
        page = desk.post(reverse("alerts:drill_start"), {"gesture": "double"}, follow=True).content.decode()
        said.append(page[page.index('role="status"') : page.index("</p>", page.index('role="status"'))])

    assert said[0] == said[1]
    assert "pas possible en ce moment" in said[0]


def test_drills_are_few_so_that_nobody_learns_to_shrug(marie: Victim) -> None:
    now = timezone.now()
    for number in range(her_drills.A_DAY):
        begun = now + number * her_drills.APART
        her_drills.end(started(marie, now=begun), now=begun + MINUTE)
        with pytest.raises(her_drills.NotNowError):
            started(marie, now=begun + her_drills.APART - MINUTE)

    with pytest.raises(her_drills.NotNowError):
        started(marie, now=now + 23 * HOUR)
    assert started(marie, now=now + 25 * HOUR).drill


def test_nobody_to_tell_is_no_drill(phone: Phone) -> None:
    Contact.objects.update(by_sms=False, by_voice=False, by_email=False)
    with pytest.raises(her_drills.NobodyError):
        started(phone.victim)
    assert not Alert.objects.exists()


def test_a_real_click_during_a_drill_is_a_real_alert(marie: Victim, phone: Phone) -> None:
    now = timezone.now()
    drill = started(marie, now=now)

    alert = a_click(phone, now=now + MINUTE)

    drill.refresh_from_db()
    assert (drill.state, alert.drill, alert.state) == (AlertState.EXPIRED, False, AlertState.OPEN)
    assert set(alert.deliveries.values_list("occasion", flat=True)) == {Occasion.CLICK}


def test_its_end_is_one_tap_and_everybody_hears_of_it(marie: Victim) -> None:
    drill = started(marie)

    signed_in(marie.account).post(reverse("alerts:drill_end", args=[drill.pk]))

    drill.refresh_from_db()
    assert drill.state == AlertState.CLOSED
    ends = drill.deliveries.filter(occasion=Occasion.END)
    assert ends.values("contact").distinct().count() == len(RELATIVES)
    assert sum("L'exercice de Marie est terminé" in text for _, text in messages_of(drill)) == len(RELATIVES) - 1


def test_the_drill_of_another_victim_is_not_there(marie: Victim) -> None:
    drill = started(marie)
    leila = with_password(make_marie("leila", relatives=()).account)

    assert leila.get(reverse("alerts:drill", args=[drill.pk])).status_code == 404
    assert leila.post(reverse("alerts:drill_end", args=[drill.pk])).status_code == 404
    assert "Déjà faits" not in leila.get(reverse("alerts:drills")).content.decode()
