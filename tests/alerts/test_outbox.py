"""The outbox of the demonstration: nothing of it exists where real people may be told."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, demonstration, ways
from alerts.domain.sending import Sender
from alerts.models import Account, Alert, Delivery, Phone, Victim
from alerts.states import Channel, DeliveryState, Gesture

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESSES = ("/outbox/", "/outbox/messages/")


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """An outbox and people of this test alone, whatever runs beside it."""
    settings.SHERIF = replace(settings.SHERIF, data_dir=tmp_path)
    ways.outbox.cache_clear()
    ways.of_installation.cache_clear()
    yield
    ways.outbox().close()
    ways.outbox.cache_clear()
    ways.of_installation.cache_clear()


@pytest.fixture
def shown() -> demonstration.Demonstration:
    return demonstration.create()


def click(gesture: Gesture = Gesture.DOUBLE) -> Alert:
    """Marie clicks and the messages land."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(Phone.objects.get(), report, now=now).alert
    sender = Sender(ways.of_installation(), worker="w", threads=2)
    sender.deliver(alert.pk, now=now)
    sender.close()
    return alert


@pytest.mark.parametrize("change", [{"telephony": ("twilio",)}, {"public_url": "https://sos.exmpl.fr"}])
@pytest.mark.usefixtures("shown")
def test_the_outbox_is_absent_where_real_people_may_be_told(
    change: dict[str, object], settings: Settings, client: Client
) -> None:
    settings.SHERIF = replace(settings.SHERIF, **change)
    settings.ALLOWED_HOSTS = ["*"]
    for address in ADDRESSES:
        assert client.get(address).status_code == 404
    assert client.post(reverse("alerts:outbox_keys", args=[uuid4()]), {"key": "1"}).status_code == 404


@pytest.mark.usefixtures("shown")
def test_the_page_shows_five_telephones_and_hers(client: Client) -> None:
    page = client.get("/outbox/").content.decode()
    for name in ("Nadia", "Thomas", "Awa", "Lucie", "Yann", "Le téléphone de Marie"):
        assert name in page
    assert page.count('class="telephone"') == 5


def test_without_people_the_page_says_how_to_create_them(client: Client) -> None:
    assert "manage.py demo" in client.get("/outbox/").content.decode()


@pytest.mark.usefixtures("shown")
def test_messages_arrive_once_with_our_own_link_to_tap(client: Client) -> None:
    click()
    answer = client.get("/outbox/messages/").json()
    assert len(answer["entries"]) == 15
    texts = [entry for entry in answer["entries"] if entry["channel"] == "sms"]
    assert all(entry["link"] in entry["text"] and "/r/" in entry["link"] for entry in texts)
    assert all(entry["prompt"] for entry in answer["entries"] if entry["channel"] == "voice")
    assert client.get(f"/outbox/messages/?after={answer['number']}").json() == {"entries": [], "number": 0}


@pytest.mark.parametrize("after", ["x", "-1", "٣", "9" * 40, "1e9", ""])
@pytest.mark.usefixtures("shown")
def test_a_strange_number_is_no_fault(after: str, client: Client) -> None:
    assert client.get("/outbox/messages/", {"after": after}).status_code == 200


@pytest.mark.usefixtures("shown")
def test_a_key_of_a_telephone_takes_charge(client: Client) -> None:
    alert = click()
    call = Delivery.objects.get(alert=alert, channel=Channel.VOICE, contact__rank=1)
    answer = client.post(reverse("alerts:outbox_keys", args=[call.pk]), {"key": "1"}).json()

    assert answer["again"] is False
    alert.refresh_from_db()
    assert alert.in_charge == call.contact
    call.refresh_from_db()
    assert call.state == DeliveryState.ANSWERED


@pytest.mark.usefixtures("shown")
def test_a_key_needs_the_pages_own_token(client: Client) -> None:
    call = Delivery.objects.filter(alert=click(), channel=Channel.VOICE).first()
    assert call is not None
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("alerts:outbox_keys", args=[call.pk]), {"key": "1"}).status_code == 403


@pytest.mark.usefixtures("shown")
def test_a_hostile_name_stays_text(client: Client) -> None:
    Victim.objects.update(name="</script><script>alert(1)</script>")
    Victim.objects.get().contacts.filter(rank=1).update(name="<img src=x onerror=alert(1)>")
    page = client.get("/outbox/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


@pytest.mark.usefixtures("shown")
def test_another_victims_messages_are_not_shown(client: Client) -> None:
    click(Gesture.SINGLE)
    Account.objects.filter(username="marie").update(username="another")
    assert client.get("/outbox/messages/").json()["entries"] == []
