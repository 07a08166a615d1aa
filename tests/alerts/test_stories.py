"""What happened, to read and to take away: folded, inert, without positions, and telling Paul nothing."""

import csv
import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from alerts.domain import alerting, recounting, responding, stories, timeline, tracking
from alerts.models import Alert, Delivery, Event, Victim
from alerts.papers import Paper, press, table
from alerts.states import AlertState, EventKind
from tests.desks import signed_in, with_password
from tests.people import LUCIE, NADIA, Person, make_marie
from tests.responders.scenes import fix, link_of, rescue

pytestmark = pytest.mark.django_db
HOSTILE = "=cmd|' /C calc'!A0"


@pytest.fixture
def alert() -> Alert:
    return rescue()


@pytest.fixture
def her(alert: Alert) -> Client:
    """Marie's browser, or Paul's hand on it: he knows her password."""
    return with_password(alert.victim.account)


def past(alert: Alert) -> Alert:
    return Alert.objects.select_related("victim").get(pk=alert.pk)


def act(alert: Alert, kind: EventKind, *, note: str = "") -> None:
    """Nadia does something that everybody sees."""
    contact = link_of(alert, NADIA).contact
    responding.note(alert.pk, contact, responding.Act(by="page", note=note), kind=kind, now=timezone.now())


def receipt(alert: Alert, kind: EventKind, person: Person) -> None:
    """A network says how far a message got."""
    message = Delivery.objects.get(alert=alert, contact=link_of(alert, person).contact, channel="sms")
    timeline.append(alert, kind, at=timezone.now(), delivery=message)


def close(alert: Alert, to: AlertState, reason: str = "safe") -> None:
    alerting.close(alert, to, reason=reason, now=timezone.now())


def downloaded(browser: Client, alert: Alert, ending: str = "csv") -> Any:
    return browser.get(f"/profile/alerts/{alert.pk}/story.{ending}")


def rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))


def test_a_silence_of_minutes_is_a_line_and_a_fix_each_second_is_none() -> None:
    alert, now = rescue(), timezone.now()
    for seconds in (1, 2, 3, 400, 401):
        at = now + timedelta(seconds=seconds)
        tracking.store(alert, [fix(at=at)], sent_at=at, now=at)

    [line] = Event.objects.filter(kind__startswith="position")
    assert timeline.words(line).startswith("Position de Marie retrouvée : rien reçu depuis ")
    assert timeline.facts(line)["about"] == "positions"


def test_old_fixes_from_a_queue_and_fixes_after_the_end_are_no_line() -> None:
    alert, now = rescue(), timezone.now()
    later = now + timedelta(seconds=500)
    tracking.store(alert, [fix(at=now + timedelta(seconds=60))], sent_at=later, now=later)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=later)
    tracking.store(Alert.objects.get(pk=alert.pk), [fix(at=later)], sent_at=later, now=later)

    assert not Event.objects.filter(kind__startswith="position").exists()


def test_what_people_did_stays_when_there_are_too_many_receipts() -> None:
    alert = rescue()
    for _ in range(30):
        receipt(alert, EventKind.ACCEPTED, NADIA)
    act(alert, EventKind.GO)

    kinds = [event.kind for event in stories.newest(alert, most=10)]
    assert (kinds[0], kinds[-1], len(kinds)) == ("go", "opened", 10)


def test_she_takes_away_who_was_told_and_who_opened(alert: Alert, her: Client) -> None:
    receipt(alert, EventKind.DELIVERED, NADIA)
    act(alert, EventKind.LINK_OPENED)
    close(alert, AlertState.CLOSED)

    answer = downloaded(her, alert)

    assert answer["Content-Disposition"].startswith('attachment; filename="carnet-')
    assert "no-store" in answer["Cache-Control"]
    head, *lines = rows(answer.content)
    assert head == ["Date", "Heure", "Sujet", "Texte"]
    assert [line[3] for line in lines] == [
        "Marie a donné l'alerte",
        "SMS à Nadia : reçu",
        "Nadia a ouvert le lien",
        "Marie a mis fin à l'alerte : en sécurité",
    ]
    assert [line[2] for line in lines] == ["personnes", "appels et messages", "personnes", "personnes"]


@pytest.mark.parametrize("reason", ["safe", "false_alarm"])
def test_paul_reads_the_same_of_an_end_under_duress(reason: str) -> None:
    """He holds her telephone and knows her password: what he made her do looks like what she did freely."""
    now = timezone.now()
    told = []
    for to in (AlertState.CLOSED, AlertState.CLOSED_UNDER_DURESS):
        Victim.objects.all().delete()
        alert = rescue(f"marie-{to}")
        her = with_password(alert.victim.account)
        act(alert, EventKind.CALL_17)
        act(alert, EventKind.TAKE_CHARGE, note="j'arrive avec la police")
        close(alert, to, reason)
        if to is AlertState.CLOSED_UNDER_DURESS:
            act(alert, EventKind.GO)
            alerting.expire(past(alert), now=now)
        Event.objects.update(at=now)
        Alert.objects.update(opened_at=now)
        alert = past(alert)
        listed = her.get("/profile/alerts/").content.decode().replace(str(alert.pk), "pk")
        told.append((recounting.paper(alert, stories.hers(alert)), listed[listed.index("<h1>") :]))

    assert told[0] == told[1]
    assert "17" not in str([row[3] for row in told[1][0].rows])
    assert "police" not in str(told)
    assert "contrainte" not in str(told)


def test_nothing_is_taken_away_before_the_end_by_another_or_without_the_password(alert: Alert, her: Client) -> None:
    assert downloaded(her, alert).status_code == 404
    close(alert, AlertState.CLOSED_UNDER_DURESS)
    assert downloaded(her, alert).status_code == 200
    assert downloaded(her, alert, "exe").status_code == 404

    assert "/login/" in downloaded(Client(), alert)["Location"]
    assert downloaded(with_password(make_marie("lea").account), alert).status_code == 404
    assert "/reauthenticate/" in downloaded(signed_in(alert.victim.account), alert)["Location"]


def test_a_table_is_calculated_by_no_program() -> None:
    cells = [HOSTILE, "+33", "-1", "@sum", "\t=1", "\u202e=1", "a;b\r\nc", "\uff1d1", "Nadia"]
    paper = Paper(language="fr", title="", facts=[], columns=["Texte"], rows=[[cell] for cell in cells], foot="")

    read = [cell for [cell] in rows(table.write(paper))[1:]]

    assert read == [f"'{HOSTILE}", "'+33", "'-1", "'@sum", "'=1", "'=1", "a;b c", "'\uff1d1", "Nadia"]


def test_her_page_to_print_holds_hostile_names_as_letters(alert: Alert, her: Client) -> None:
    Victim.objects.update(name='#panic("x") $y$ = *z* \\ @lost <l> `c`')
    close(alert, AlertState.CLOSED)

    answer = downloaded(her, alert, "pdf")

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_a_paper_that_takes_too_long_is_given_up_and_a_second_one_waits_for_nobody() -> None:
    paper = Paper(language="fr", title="t", facts=[], columns=["a"], rows=[["b"]], foot="")
    with pytest.raises(press.PressError):
        press.write(paper, seconds=0.001)
    with press._one, pytest.raises(press.BusyError):
        press.write(paper)
    assert press.write(paper).startswith(b"%PDF-")


def test_who_prints_while_another_does_reads_to_try_again(alert: Alert, her: Client) -> None:
    close(alert, AlertState.CLOSED)
    with press._one:
        answer = downloaded(her, alert, "pdf")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "réessayez" in answer.content.decode()


def test_a_long_story_is_set_in_time() -> None:
    line = (f"{uuid4()}"[:10], "21:04:05", "personnes", f"SMS à {LUCIE.name} : parti " * 3)
    paper = Paper(language="fr", title="t", facts=[], columns=["a", "b", "c", "d"], rows=[line] * 5_000, foot="f")

    assert press.write(paper).startswith(b"%PDF-")
