"""What a monitor reads: whether a click is taken, and whether anybody is reached."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004 - Django names it
from django.test import Client, override_settings
from django.utils import timezone

from alerts.domain import alerting, beats
from alerts.models import Alert, Finding, Rest, Victim
from alerts.states import Channel, FindingKind, Gesture
from responders import rooms
from sherif_web import checks, figures
from tests.people import RELATIVES, make_marie, make_phone
from tests.phones import Companion

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = "a-long-token-of-a-monitor"


@pytest.fixture(autouse=True)
def _token() -> Iterator[None]:
    rooms.here.cache_clear()
    with override_settings(SHERIF=replace(settings.SHERIF, metrics_token=TOKEN)):
        yield


def ready(client: Client, path: str = "/readyz", **given: Any) -> tuple[int, dict[str, Any]]:
    """Status and body."""
    answer = client.get(path, **given)
    return answer.status_code, answer.json()


def found(kind: FindingKind, *, count: int = 1) -> None:
    """The auditor was here a moment ago and found this."""
    now = timezone.now()
    Finding.objects.create(kind=kind, count=count, found_at=now)
    beats.beat(beats.AUDITOR, now=now)


def figure(client: Client, name: str) -> float:
    """One figure of /metrics, with its labels as Prometheus writes them."""
    text = client.get("/metrics").content.decode()
    values = [float(line.rpartition(" ")[2]) for line in text.splitlines() if line.rpartition(" ")[0] == name]
    assert len(values) == 1, text
    return values[0]


def test_an_auditor_that_never_came_is_silent(client: Client) -> None:
    assert ready(client) == (200, {"status": "ready", "auditor": "silent", "findings": {}, "room": "away"})
    assert ready(client, "/readyz?all")[0] == 503


def test_all_is_well(client: Client) -> None:
    beats.beat(beats.AUDITOR, now=timezone.now())
    body = {"status": "ready", "auditor": "well", "findings": {}, "room": "away"}
    assert ready(client) == ready(client, "/readyz?all") == (200, body)


def test_trouble_turns_the_body_and_closes_no_door_but_that_of_monitors(client: Client) -> None:
    found(FindingKind.OVERDUE, count=14)
    body = {"status": "ready", "auditor": "trouble", "findings": {"overdue": 14}, "room": "away"}
    assert ready(client) == (200, body)
    assert ready(client, "/readyz?all") == (503, body)
    Finding.objects.update(cleared_at=timezone.now())
    assert ready(client, "/readyz?all")[0] == 200


def test_an_auditor_that_fell_silent_is_noticed_after_half_a_minute(client: Client) -> None:
    beats.beat(beats.AUDITOR, now=timezone.now() - timedelta(seconds=25))
    assert ready(client)[1]["auditor"] == "well"
    beats.beat(beats.AUDITOR, now=timezone.now() - timedelta(seconds=31))
    assert ready(client)[1]["auditor"] == "silent"
    assert figure(client, "sherif_auditor_age_seconds") >= 31


def test_a_stranger_learns_nothing_of_it(client: Client) -> None:
    """Paul must not read from outside whether her alert reached anybody."""
    found(FindingKind.NOBODY_REACHED)
    for stranger in ({"REMOTE_ADDR": "203.0.113.9"}, {"headers": {"X-Forwarded-For": "203.0.113.9"}}):
        assert ready(client, **stranger) == (200, {"status": "ready"})
        assert ready(client, "/readyz?all", **stranger) == (200, {"status": "ready"})
    monitor = {"REMOTE_ADDR": "203.0.113.9", "headers": {"Authorization": f"Bearer {TOKEN}"}}
    assert ready(client, "/readyz?all", **monitor)[0] == 503


def test_every_kind_is_a_figure_from_the_start(client: Client) -> None:
    for kind in FindingKind:
        assert figure(client, f'sherif_findings{{kind="{kind}"}}') == 0.0
    found(FindingKind.RECEIPTS_MISSING, count=3)
    assert figure(client, 'sherif_findings{kind="receipts_missing"}') == 3.0


def test_parts_that_never_gave_a_sign_are_infinitely_old(client: Client) -> None:
    assert figure(client, "sherif_auditor_age_seconds") == float("inf")
    assert figure(client, "sherif_sweep_age_seconds") == float("inf")


def test_the_figures_count_live_alerts_and_name_nobody(client: Client) -> None:
    make_phone(make_marie())
    Companion().click(Gesture.DOUBLE)
    assert figure(client, "sherif_alerts_open") == 1.0
    assert figure(client, 'sherif_deliveries{channel="voice",state="due"}') == 5.0
    assert 0 <= figure(client, "sherif_due_oldest_seconds") < 60
    assert figure(client, "sherif_figures_read") == 1.0
    text = client.get("/metrics").content.decode()
    assert str(Alert.objects.get().pk) not in text
    for person in RELATIVES:
        assert person.name not in text
        assert person.phone_number not in text

    Victim.objects.update(canary=True)
    assert figure(client, "sherif_alerts_open") == 0.0


def test_an_ended_alert_is_counted_no_more(client: Client) -> None:
    phone = make_phone(make_marie())
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alerting.expire(alerting.receive_click(phone, report, now=now).alert, now=now)
    assert figure(client, "sherif_alerts_open") == 0.0
    assert "sherif_deliveries{" not in client.get("/metrics").content.decode()


def test_a_provider_that_rests_is_a_figure(client: Client) -> None:
    now = timezone.now()
    Rest.objects.create(provider="twilio", channel=Channel.SMS, until=now + timedelta(minutes=1), reason="slow")
    Rest.objects.create(provider="twilio", channel=Channel.VOICE, until=now - timedelta(minutes=1), reason="slow")
    assert figure(client, 'sherif_provider_resting{channel="sms",provider="twilio"}') == 1.0
    assert figure(client, 'sherif_provider_resting{channel="voice",provider="twilio"}') == 0.0


def test_the_canary_is_a_figure_where_there_is_one(client: Client) -> None:
    assert "canary_age" not in client.get("/metrics").content.decode()
    with override_settings(SHERIF=replace(settings.SHERIF, canary_minutes=10, canary_to="+33639980042")):
        beats.beat(beats.CANARY, now=timezone.now() - timedelta(minutes=5))
        assert 300 <= figure(client, "sherif_canary_age_seconds") < 360
        assert figure(client, "sherif_canary_well") == 1.0
        found(FindingKind.CANARY_FAILED)
        assert figure(client, "sherif_canary_well") == 0.0


def test_rows_that_cannot_be_read_leave_the_other_figures() -> None:
    collector = figures.Figures()
    assert collector._aside._free.acquire(blocking=False)  # an earlier scrape still hangs
    families = {family.name: family for family in collector.collect()}
    assert list(families) == ["sherif_figures_read"]
    assert families["sherif_figures_read"].samples[0].value == 0


# ---- Who is told, said before anything starts ----


def said(**changes: Any) -> list[CheckMessage]:
    """What the checks say of a public installation with these changes."""
    public = {"public_url": "https://sos.exmpl.fr", "operators": ("ops@sos.exmpl.fr",), "email_url": "smtp://mail"}
    with override_settings(SHERIF=replace(settings.SHERIF, **(public | changes))):
        return checks.check_who_is_told(None)


def test_an_installation_that_tells_its_operators_is_accepted() -> None:
    assert said() == []
    assert said(operators=("+33639980042",), email_url="") == []
    assert said(operators=(), public_url="http://localhost:8000") == []


def test_nobody_to_tell_is_a_warning_and_refuses_no_click() -> None:
    (warning,) = said(operators=())
    assert (warning.id, type(warning)) == ("sherif.W001", Warning)


@pytest.mark.parametrize("operator", ["ops", "ops@sos", "0639980042", "17", "+3317", "+33899000000"])
def test_an_operator_who_cannot_be_told_is_refused(operator: str) -> None:
    (error,) = said(operators=(operator,), telephony=("console",))
    assert (error.id, type(error)) == ("sherif.E015", Error)
    assert operator not in error.msg


def test_addresses_without_a_mail_server_are_refused() -> None:
    (error,) = said(email_url="", telephony=("twilio",))
    assert error.id == "sherif.E015"


@pytest.mark.parametrize("number", ["", "17", "ops@sos.exmpl.fr"])
def test_a_canary_without_a_telephone_is_refused(number: str) -> None:
    (error,) = said(canary_minutes=10, canary_to=number)
    assert error.id == "sherif.E016"
    assert said(canary_minutes=10, canary_to="+33639980042") == []
