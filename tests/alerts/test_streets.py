"""The street, where an installation asks for it: close by, in time, inert, and never in anybody's way."""

import asyncio
import json
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, streets, tracking
from alerts.domain.streets import Asker, Words
from alerts.models import Alert, Position
from alerts.providers.geocoder import Geocoder, GeocoderError, Street
from alerts.states import AlertState
from responders.domain import snapshot
from responders.routing import sockets
from tests.addresses import AddressBase, address_base, answer, feature
from tests.outside import wait_until
from tests.people import NADIA
from tests.responders.rescue import make_rescue, open_link
from tests.responders.scenes import fix, link_of, open_place, rescue

COMPIEGNE = (49.4179, 2.8261)
LOMBARDS = Street(name="12 Rue des Lombards", exact=True, insee="60159")


@pytest.fixture
def base() -> Iterator[AddressBase]:
    with address_base() as running:
        yield running


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Page:
    """What the pages were told."""

    def __init__(self) -> None:
        self.told: list[tuple[UUID, Words]] = []

    def __call__(self, alert: UUID, street: Words) -> None:
        self.told.append((alert, street))


def test_a_street_is_asked_of_the_address_base(base: AddressBase) -> None:
    assert Geocoder(base.url).street(*COMPIEGNE) == LOMBARDS
    assert (base.paths, base.asked) == (["/geocodage/reverse"], [COMPIEGNE])


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        answer(feature(type="municipality", name="Compiègne")),
        answer(feature(distance=101)),
        answer(feature(distance=-1)),
        answer(feature(distance="near")),
        answer(feature(name="")),
        answer(feature(name=None)),
        answer(feature(name="\u0000\u202e\n")),
        b"{}",
        b"[1]",
        b"null",
    ],
)
def test_what_is_no_street_close_by_is_none(base: AddressBase, body: bytes) -> None:
    base.body = body

    assert Geocoder(base.url).street(*COMPIEGNE) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"features": [1]}',
        b'{"features": [{"geometry": {"coordinates": []}}]}',
        b'{"features": {"0": {}}}',
        b"\xff\xfe",
        b"[" * 60_000,
        b'{"features": ["' + b"x" * 100_000 + b'"]}',
    ],
)
def test_garbage_is_an_error_that_names_no_position(base: AddressBase, body: bytes) -> None:
    base.body = body

    with pytest.raises(GeocoderError) as raised:
        Geocoder(base.url).street(*COMPIEGNE)
    assert "49" not in str(raised.value)


@pytest.mark.parametrize("status", [301, 404, 429, 500])
def test_another_status_is_an_error_and_no_redirect_is_followed(base: AddressBase, status: int) -> None:
    base.status = status

    with pytest.raises(GeocoderError):
        Geocoder(base.url).street(*COMPIEGNE)
    assert len(base.asked) == 1


@pytest.mark.parametrize(("waits", "drips"), [(2.0, 0.0), (0.0, 0.05)])
def test_a_slow_address_base_is_left_in_time(base: AddressBase, waits: float, drips: float) -> None:
    base.waits, base.drips = waits, drips
    began = time.monotonic()

    with pytest.raises(GeocoderError):
        Geocoder(base.url, seconds=0.5).street(*COMPIEGNE)
    assert time.monotonic() - began < 1.9


def test_a_hostile_name_is_one_short_line(base: AddressBase) -> None:
    base.body = answer(feature(name="</script>${alert(1)}\n\u202e" + "x" * 9_000))

    street = Geocoder(base.url).street(*COMPIEGNE)

    assert street is not None
    assert street.name.startswith("</script>${alert(1)} ")  # inert where it is shown, whole where it is kept
    assert len(street.name) <= 80
    assert street.name.isprintable()


def test_a_house_is_near_and_a_street_is_itself() -> None:
    assert streets.words(LOMBARDS, COMPIEGNE) == {
        "fr": "près du 12 Rue des Lombards",
        "en": "near 12 Rue des Lombards",
    }
    assert streets.words(replace(LOMBARDS, name="Quai de l'Oise", exact=False), COMPIEGNE) == {
        "fr": "Quai de l'Oise",
        "en": "Quai de l'Oise",
    }


def test_a_street_of_another_commune_is_not_said() -> None:
    assert streets.words(replace(LOMBARDS, insee="60665"), COMPIEGNE) is None


def test_the_answer_is_told_and_known_a_few_steps_on() -> None:
    page, alert = Page(), uuid4()
    asker = Asker(lambda *_: LOMBARDS, page)

    asker.wonder(alert, COMPIEGNE)

    assert wait_until(lambda: page.told)
    told = streets.words(LOMBARDS, COMPIEGNE)
    assert page.told == [(alert, told)]
    assert asker.known(alert, COMPIEGNE) == told
    assert asker.known(alert, (49.4181, 2.8263)) == told
    assert asker.known(alert, (49.4279, 2.8261)) is None
    assert asker.known(uuid4(), (49.4181, 2.8263)) is None


def test_the_same_place_is_asked_about_once_and_one_alert_every_few_seconds() -> None:
    clock, asked = Clock(), []

    def look_up(latitude: float, longitude: float) -> Street | None:
        asked.append((latitude, longitude))
        return None

    asker, alert = Asker(look_up, Page(), clock=clock), uuid4()
    asker.wonder(alert, COMPIEGNE)
    assert wait_until(lambda: asked)
    for seconds, spot in [(1, (49.5, 2.9)), (6, (49.6, 2.9)), (7, (49.7, 2.9)), (20, COMPIEGNE)]:
        clock.now = seconds
        asker.wonder(alert, spot)

    assert wait_until(lambda: len(asked) == 2)
    time.sleep(0.05)
    assert asked == [COMPIEGNE, (49.6, 2.9)]


def test_one_question_that_hangs_or_breaks_keeps_nobody_else_waiting(caplog: pytest.LogCaptureFixture) -> None:
    page, alerts = Page(), [uuid4() for _ in range(3)]

    def look_up(latitude: float, longitude: float) -> Street | None:
        if latitude < 48:
            time.sleep(3)
        if latitude > 50:
            raise GeocoderError("the geocoder gave no answer (Timeout)")
        return LOMBARDS

    asker = Asker(look_up, page)
    with caplog.at_level(logging.WARNING):
        asker.wonder(alerts[0], (47.0, 2.0))
        asker.wonder(alerts[1], (51.0, 2.0))
        asker.wonder(alerts[2], COMPIEGNE)
        assert wait_until(lambda: page.told, seconds=2.5)
        assert wait_until(lambda: "No street" in caplog.text)

    assert page.told[0][0] == alerts[2]
    assert "51" not in caplog.text


@pytest.mark.django_db
def test_streets_are_off_unless_the_installation_asks_for_them() -> None:
    alert = rescue()

    assert streets.here() is None
    assert streets.known(alert.pk, *COMPIEGNE) is None
    assert _position(alert)["street"] is None


@pytest.mark.django_db(transaction=True)
async def test_the_street_reaches_an_open_page_and_nobody_after_the_end() -> None:
    alert = await sync_to_async(make_rescue)()
    nadia = await sync_to_async(open_link)(alert, "Nadia")
    headers = [(b"host", b"localhost:8000"), (b"cookie", nadia.cookie.encode())]
    page = WebsocketCommunicator(sockets, nadia.path, headers=headers)
    await page.connect()
    street = {"fr": "près du 12 Rue des Lombards", "en": "near 12 Rue des Lombards"}

    await _until(page, lambda message: message["type"] == "snapshot")
    await sync_to_async(streets.tell)(alert.pk, street)
    told = await _until(page, lambda message: "street" in message)
    await sync_to_async(alerting.close)(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    await sync_to_async(streets.tell)(alert.pk, street)
    after = await _until(page, lambda message: "street" in message or message["type"] == "ended")

    assert (told["type"], told["street"]) == ("presence", street)
    assert after["type"] == "ended"
    await page.disconnect()


async def _until(page: WebsocketCommunicator, true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            message: dict[str, Any] = json.loads(await page.receive_from(timeout=5))
            if true(message):
                return message


@pytest.mark.django_db(transaction=True)
def test_a_click_is_told_at_once_and_its_street_comes_after(base: AddressBase, settings: Settings) -> None:
    base.waits = 1.0
    settings.SHERIF = replace(settings.SHERIF, streets=base.url)
    began = time.monotonic()
    alert = rescue()
    assert time.monotonic() - began < 1.0 or not base.asked
    assert _position(alert)["street"] is None

    assert wait_until(lambda: _position(alert)["street"])
    assert _position(alert)["street"]["en"] == "near 12 Rue des Lombards"
    place, nadia = open_place(alert, NADIA)
    page = nadia.get(place).content.decode()
    assert '<p id="street" class="awaited">près du 12 Rue des Lombards</p>' in page


@pytest.mark.django_db(transaction=True)
def test_a_hostile_street_is_text_on_the_page(base: AddressBase, settings: Settings) -> None:
    base.body = answer(feature(name="</script><b>${alert(1)}</b>", type="street"))
    settings.SHERIF = replace(settings.SHERIF, streets=base.url)
    alert = rescue()
    assert wait_until(lambda: _position(alert)["street"])
    place, nadia = open_place(alert, NADIA)

    page = nadia.get(place).content.decode()

    assert "&lt;/script&gt;&lt;b&gt;${alert(1)}&lt;/b&gt;</p>" in page
    assert "</script><b>" not in page


@pytest.mark.django_db(transaction=True)
def test_a_new_position_asks_again(base: AddressBase, settings: Settings) -> None:
    settings.SHERIF = replace(settings.SHERIF, streets=base.url)
    alert, now = rescue(), timezone.now()
    assert wait_until(lambda: base.asked)

    tracking.store(alert, [fix(at=now, place=(49.4279, 2.8261))], sent_at=now, now=now)

    assert Position.objects.count() == 2
    assert _position(alert)["street"] is None  # another place: nothing is known of it yet


def _position(alert: Alert) -> dict[str, Any]:
    position = snapshot.read(link_of(alert, NADIA), now=timezone.now())["position"]
    assert isinstance(position, dict)
    return position
