"""The socket of the live page through Channels' own communicator."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.utils import timezone

from alerts import broadcast
from alerts.domain import alerting
from alerts.models import Alert, Event, Link
from alerts.states import AlertState, EventKind
from responders import registry
from responders.routing import sockets
from tests.responders.rescue import Seated, make_rescue, move, open_link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rescue(transactional_db: None) -> Alert:
    return make_rescue()


@pytest.fixture
def nadia(rescue: Alert) -> Seated:
    return open_link(rescue, "Nadia")


@pytest.fixture
def thomas(rescue: Alert) -> Seated:
    return open_link(rescue, "Thomas")


def page(seated: Seated, *, cookie: str | None = None, origin: str = "") -> WebsocketCommunicator:
    """A live page that opens its socket."""
    headers = [(b"host", b"localhost:8000"), (b"cookie", (seated.cookie if cookie is None else cookie).encode())]
    if origin:
        headers.append((b"origin", origin.encode()))
    return WebsocketCommunicator(sockets, seated.path, headers=headers)


@asynccontextmanager
async def opened(seated: Seated) -> AsyncIterator[WebsocketCommunicator]:
    """A live page that has its snapshot."""
    communicator = page(seated)
    connected, _ = await communicator.connect()
    assert connected
    try:
        yield communicator
    finally:
        await communicator.disconnect()


async def read(communicator: WebsocketCommunicator, kind: str, *, seconds: float = 3) -> dict[str, Any]:
    """The next message of this type."""
    async with asyncio.timeout(seconds):
        while True:
            message: dict[str, Any] = json.loads(await communicator.receive_from(timeout=seconds))
            if message["type"] == kind:
                return message


async def close_code(communicator: WebsocketCommunicator) -> int:
    """With which code the server closes, after whatever it still says."""
    while True:
        output = await communicator.receive_output(timeout=3)
        if output["type"] == "websocket.close":
            return int(output["code"])


async def test_a_page_gets_the_snapshot_first(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        first = json.loads(await here.receive_from(timeout=3))

    assert first["type"] == "snapshot"
    assert first["victim"]["name"] == "Marie"
    assert first["sequence"] == (await Alert.objects.aget(pk=rescue.pk)).sequence


async def test_both_pages_see_her_move(rescue: Alert, nadia: Seated, thomas: Seated) -> None:
    async with opened(nadia) as one, opened(thomas) as other:
        for here in (one, other):
            await read(here, "snapshot")
        await sync_to_async(move)(rescue, latitude=49.42)

        for here in (one, other):
            told = await read(here, "position")
            assert told["positions"][0]["latitude"] == 49.42
            assert told["sequence"] == (await Alert.objects.aget(pk=rescue.pk)).sequence


async def test_what_happens_while_the_snapshot_is_read_is_told_once(rescue: Alert, nadia: Seated) -> None:
    for step in range(12):
        here = page(nadia)
        moving = asyncio.create_task(sync_to_async(move)(rescue, latitude=49.0 + step / 100))
        await here.connect()
        first = await read(here, "snapshot")
        await moving
        newest = (await Alert.objects.aget(pk=rescue.pk)).sequence
        if first["sequence"] < newest:
            assert (await read(here, "position"))["sequence"] == newest
        await here.disconnect()


async def test_nadia_takes_charge_through_the_socket_and_thomas_sees_it(nadia: Seated, thomas: Seated) -> None:
    async with opened(nadia) as one, opened(thomas) as other:
        for here in (one, other):
            await read(here, "snapshot")
        uid = str(uuid4())
        for _ in range(2):  # a page that lost its answer asks again
            await one.send_json_to({"type": "act", "id": uid, "action": "take_charge"})
            assert (await read(one, "done"))["id"] == uid

        assert (await read(other, "action"))["in_charge"] == "Nadia"
    assert await Event.objects.filter(kind=EventKind.TAKE_CHARGE).acount() == 1


async def test_a_second_take_charge_is_refused_with_the_name(nadia: Seated, thomas: Seated) -> None:
    async with opened(nadia) as one, opened(thomas) as other:
        await read(one, "snapshot")
        await one.send_json_to({"type": "act", "id": str(uuid4()), "action": "take_charge"})
        await read(one, "done")
        await other.send_json_to({"type": "act", "id": str(uuid4()), "action": "take_charge"})

        refused = await read(other, "refused")
    assert (refused["error"]["code"], refused["error"]["fields"]) == ("taken", {"in_charge": "Nadia"})


async def test_the_end_is_told_and_then_the_socket_closes(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await sync_to_async(alerting.close)(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())

        ended = await read(here, "ended")
        assert (ended["state"], ended["event"]["kind"]) == ("closed", "closed")
        assert await close_code(here) == 4410


async def test_an_end_whose_broadcast_is_lost_is_told_within_two_seconds(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await Alert.objects.filter(pk=rescue.pk).aupdate(
            state=AlertState.CLOSED, ended_at=timezone.now(), reason="safe"
        )

        assert (await read(here, "ended", seconds=2))["state"] == "closed"
        assert await close_code(here) == 4410


async def test_an_alert_past_its_cap_ends_although_nobody_said_so(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await Alert.objects.filter(pk=rescue.pk).aupdate(expires_at=timezone.now())

        assert (await read(here, "ended", seconds=2))["state"] == "expired"


async def test_a_lost_broadcast_makes_the_page_read_the_snapshot(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await Alert.objects.filter(pk=rescue.pk).aupdate(sequence=77)

        assert (await read(here, "gap", seconds=2))["sequence"] == 77


async def test_an_alert_closed_under_duress_goes_on_for_the_contacts(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        closing = sync_to_async(alerting.close)
        await closing(rescue, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())

        assert (await read(here, "action"))["state"] == "closed_under_duress"
        await asyncio.sleep(1.3)  # the check finds nothing to end
        await sync_to_async(move)(rescue)
        assert await read(here, "position")


async def test_who_is_cut_off_loses_the_socket_and_the_others_keep_theirs(nadia: Seated, thomas: Seated) -> None:
    async with opened(nadia) as one, opened(thomas) as other:
        for here in (one, other):
            await read(here, "snapshot")
        await Link.objects.filter(pk=thomas.link.pk).aupdate(cut_off_at=timezone.now())

        assert await close_code(other) == 4401
        await one.send_json_to({"type": "act", "id": str(uuid4()), "action": "go"})
        assert await read(one, "done")


async def test_without_a_session_the_socket_closes_with_4401(nadia: Seated, thomas: Seated) -> None:
    for cookie in ("", "visit=forged", "visit=\x00", "nonsense", thomas.cookie):
        here = page(nadia, cookie=cookie)
        await here.connect()
        assert await close_code(here) == 4401


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1", "http://[broken"])
async def test_a_foreign_page_cannot_borrow_the_session(nadia: Seated, origin: str) -> None:
    here = page(nadia, origin=origin)
    await here.connect()
    assert await close_code(here) == 4403


@pytest.mark.parametrize("origin", ["http://localhost:8000", ""])
async def test_our_own_page_may_open_the_socket(nadia: Seated, origin: str) -> None:
    here = page(nadia, origin=origin)
    await here.connect()
    assert await read(here, "snapshot")
    await here.disconnect()


async def test_a_page_that_comes_after_the_end_reads_how_it_ended(rescue: Alert, nadia: Seated) -> None:
    await sync_to_async(alerting.close)(rescue, AlertState.CLOSED, reason="false_alarm", now=timezone.now())
    here = page(nadia)
    await here.connect()

    first = await read(here, "snapshot")
    assert (first["alert"]["ended"], first["position"], first["track"]) == (True, None, [])
    assert (await read(here, "ended"))["event"]["kind"] == "false_alarm"
    assert await close_code(here) == 4410


BAD = [
    "not JSON",
    "[]",
    "null",
    '{"type":"act","action":NaN}',
    '{"type":"act","action":"go","note":"\\u0000"}',
    '{"type":"act","action":"dance"}',
    '{"type":"dance","id":"\\ud800"}',
    '{"type":"act","action":"go","id":"not a uuid"}',
    '{"type":"act"}',
    '{"type":"position","latitude":48.85}',
    '{"n":' + "9" * 5000 + "}",
]


@pytest.mark.parametrize(
    "text", [*BAD, "[" * 60_000, '{"a":' * 10_000 + "1" + "}" * 10_000], ids=lambda text: text[:30]
)
async def test_a_message_that_means_nothing_is_answered_and_changes_nothing(nadia: Seated, text: str) -> None:
    before = await Event.objects.acount()
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await here.send_to(text_data=text)

        assert (await read(here, "refused"))["error"]["code"]
    assert await Event.objects.acount() == before


async def test_binary_closes_the_socket(nadia: Seated) -> None:
    here = page(nadia)
    await here.connect()
    await here.send_to(bytes_data=b"\x00\xff")
    assert await close_code(here) == 1003


async def test_a_hurried_page_is_told_to_wait_and_a_flood_is_closed(nadia: Seated) -> None:
    here = page(nadia)
    await here.connect()
    await read(here, "snapshot")
    for _ in range(25):
        await here.send_to(text_data="{}")
    codes = [(await read(here, "refused"))["error"]["code"] for _ in range(25)]
    assert codes[0] == "unknown_type"
    assert codes[-1] == "slow_down"

    for _ in range(60):
        await here.send_to(text_data="{}")
    assert await close_code(here) == 1008


async def test_pages_see_who_is_here_and_who_left(nadia: Seated, thomas: Seated) -> None:
    async with opened(nadia) as one:
        assert (await read(one, "presence"))["here"] == [nadia.link.contact_id]
        async with opened(thomas) as other:
            both = sorted([nadia.link.contact_id, thomas.link.contact_id])
            assert (await read(one, "presence"))["here"] == both
            assert (await read(other, "presence"))["here"] == both
        assert (await read(one, "presence"))["here"] == [nadia.link.contact_id]


async def test_another_alerts_messages_never_arrive(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await read(here, "presence")
        broadcast.publish(uuid4(), {"type": "position", "sequence": 99, "positions": []})
        broadcast.publish(rescue.pk, {"nonsense": True})
        await sync_to_async(move)(rescue)

        message = json.loads(await here.receive_from(timeout=3))
    assert (message["type"], message["sequence"] < 99) == ("position", True)


async def test_a_socket_to_nowhere_is_refused() -> None:
    here = WebsocketCommunicator(sockets, "/ws/other/", headers=[])
    connected, _ = await here.connect()
    assert not connected


async def test_a_page_of_an_alert_that_she_erased_is_closed_and_the_others_go_on(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        await Alert.objects.filter(pk=rescue.pk).adelete()
        assert await close_code(here) == 4401


async def test_a_bad_message_on_the_bus_deafens_nobody(rescue: Alert, nadia: Seated) -> None:
    async with opened(nadia) as here:
        await read(here, "snapshot")
        broadcast.publish(rescue.pk, {"type": "here", "sequence": 0, "process": None})
        broadcast.publish(rescue.pk, {"type": "position", "sequence": "many"})
        await sync_to_async(move)(rescue)
        assert await read(here, "position")


async def test_a_socket_that_breaks_leaves_no_seat_behind(nadia: Seated) -> None:
    here = page(nadia)
    await here.connect()
    await read(here, "snapshot")
    link = nadia.link
    assert registry.here().seats_of(link.alert_id, link.pk) == 1
    here.future.cancel()
    await asyncio.wait([here.future])
    assert registry.here().seats_of(link.alert_id, link.pk) == 0
