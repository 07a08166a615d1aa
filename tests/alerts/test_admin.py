"""What operators read of the machinery: never a name, and nothing that a hand could change."""

from datetime import timedelta

import pytest
from django.test import Client

from alerts.domain import beats
from alerts.models import Beat, Rest
from alerts.providers.health import REFUSES_US
from alerts.states import Channel
from tests.people import NOON, PASSWORD, make_marie, make_operator

pytestmark = pytest.mark.django_db

LISTS = ["/admin/alerts/rest/", "/admin/alerts/beat/"]


@pytest.fixture
def operator() -> Client:
    client = Client()
    make_operator()
    assert client.login(username="olga", password=PASSWORD)
    return client


@pytest.fixture(autouse=True)
def _rows() -> None:
    """A network rests, and the sweep gave a sign of life."""
    until = NOON + timedelta(minutes=2)
    Rest.objects.create(provider="twilio", channel=Channel.SMS, at=NOON, until=until, reason=REFUSES_US)
    beats.beat(beats.SWEEP, now=NOON)


def test_an_operator_reads_which_network_rests_and_until_when(operator: Client) -> None:
    page = operator.get("/admin/alerts/rest/").content.decode()
    for word in ("twilio", "sms", REFUSES_US, "12:00", "12:02"):
        assert word in page


def test_an_operator_reads_when_each_part_was_last_well(operator: Client) -> None:
    page = operator.get("/admin/alerts/beat/").content.decode()
    assert beats.SWEEP in page
    assert "12:00" in page


@pytest.mark.parametrize("path", LISTS)
def test_nobody_changes_what_the_service_alone_writes(path: str, operator: Client) -> None:
    row = (Rest if "rest" in path else Beat).objects.get().pk
    page = operator.get(path).content.decode()

    assert f"{path}{row}/" not in page
    assert "delete_selected" not in page
    assert operator.get(f"{path}add/").status_code == 403
    assert operator.post(f"{path}add/", {"name": "x", "at_0": "2026-06-01", "at_1": "12:00"}).status_code == 403
    assert operator.post(f"{path}{row}/change/", {"at_0": "2026-06-01", "at_1": "12:00"}).status_code == 403
    assert operator.post(f"{path}{row}/delete/", {"post": "yes"}).status_code == 403
    assert operator.post(path, {"action": "delete_selected", "_selected_action": row, "post": "yes"}).status_code < 500
    assert (Rest.objects.count(), Beat.objects.count()) == (1, 1)
    assert Beat.objects.get().at == NOON


@pytest.mark.parametrize("path", LISTS)
def test_she_reads_none_of_it(path: str) -> None:
    make_marie()
    client = Client()
    assert client.login(username="marie", password=PASSWORD)
    assert client.get(path).status_code == 302
