"""How many requests are inside at once, who waits, who goes first, and what the rest is told."""

import asyncio
import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.urls import reverse

from sherif_web.admission import Admission


class Django:
    """Stands behind the door: counts who is inside, and lets them out when told."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.order: list[str] = []
        self.threads: set[int] = set()
        self.gate = asyncio.Event()

    async def __call__(self, scope: dict[str, Any], _receive: Any, send: Any) -> None:
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.order.append(scope["path"])
        self.threads.add(await sync_to_async(threading.get_ident)())
        try:
            await self.gate.wait()
        finally:
            self.inside -= 1
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def ask(door: Admission, path: str, headers: Sequence[tuple[bytes, bytes]] = ()) -> list[dict[str, Any]]:
    """One request; what the server would send."""
    sent: list[dict[str, Any]] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        await asyncio.Event().wait()

    await door({"type": "http", "path": path, "headers": list(headers)}, receive, send)
    return sent


async def test_a_thousand_at_once_use_a_few_threads_and_are_all_served() -> None:
    django = Django()
    door = Admission(django, desks=4, waiting=1_000)
    asking = [asyncio.create_task(ask(door, "/")) for _ in range(1_000)]
    await asyncio.sleep(0.1)
    assert django.most == 4
    django.gate.set()
    answers = await asyncio.gather(*asking)

    assert {answer[0]["status"] for answer in answers} == {200}
    assert (django.most, len(django.threads)) == (4, 4)


async def test_beyond_the_queue_the_api_says_busy_in_json_and_a_page_in_words() -> None:
    django = Django()
    door = Admission(django, desks=1, waiting=1)
    asking = [asyncio.create_task(ask(door, "/")) for _ in range(2)]
    await asyncio.sleep(0.05)

    start, body = await ask(door, "/api/v1/positions")
    assert start["status"] == 503
    assert dict(start["headers"])[b"retry-after"] == b"1"
    assert json.loads(body["body"])["error"]["code"] == "busy"
    start, body = await ask(door, "/alert/place/")
    assert (start["status"], "tel:17" in body["body"].decode()) == (503, True)
    django.gate.set()
    await asyncio.gather(*asking)


URGENT = [
    "/api/v1/clicks",
    "/api/v1/alert/close",
    "/api/v1/alert/cut-off",
    "/hooks/twilio/sms/",
    "/hooks/twilio/voice/6b2f0b1e-5f0e-4d5c-9a53-2f6f8a7a8f10/keys/",
    "/healthz",
    "/readyz",
    "/metrics",
]
ORDINARY = [
    "/",
    "/api/v1/clicks/",
    "/api/v1/positions",
    "/hooks/twilio/status/6b2f0b1e-5f0e-4d5c-9a53-2f6f8a7a8f10/",
    "/hooks/twilio/sms/x",
    "/hooks/twilio/voice/a/b/keys/",
    "/api/v1/clicks\n",
]


@pytest.mark.parametrize(("path", "goes_first"), [*((p, True) for p in URGENT), *((p, False) for p in ORDINARY)])
async def test_clicks_and_who_takes_charge_go_before_everybody_who_waits(path: str, *, goes_first: bool) -> None:
    django = Django()
    door = Admission(django, desks=1, waiting=100)
    asking = [asyncio.create_task(ask(door, "/waits")) for _ in range(50)]
    await asyncio.sleep(0.05)
    asking.append(asyncio.create_task(ask(door, path)))
    await asyncio.sleep(0.05)
    django.gate.set()
    await asyncio.gather(*asking)

    assert django.order.index(path) == (1 if goes_first else 50)


@pytest.mark.parametrize("name", ["alerts:api:click", "alerts:api:close", "alerts:twilio_sms"])
def test_what_goes_first_is_a_door_of_ours(name: str) -> None:
    assert reverse(name) in URGENT


def test_the_door_of_keys_is_the_one_that_goes_first() -> None:
    assert reverse("alerts:twilio_keys", args=["6b2f0b1e-5f0e-4d5c-9a53-2f6f8a7a8f10"]) in URGENT


PHONE = [(b"authorization", b"Bearer one-phone")]


async def test_one_phone_holds_half_of_the_desks_and_the_others_find_one_free() -> None:
    django = Django()
    door = Admission(django, desks=4, waiting=1_000)
    asking = [asyncio.create_task(ask(door, "/api/v1/clicks", PHONE)) for _ in range(100)]
    await asyncio.sleep(0.05)
    assert django.inside == 2
    other = [(b"authorization", b"Bearer another-phone")]
    asking += [asyncio.create_task(ask(door, "/api/v1/clicks", other)), asyncio.create_task(ask(door, "/"))]
    await asyncio.sleep(0.05)
    assert django.inside == 4
    django.gate.set()
    answers = await asyncio.gather(*asking)

    assert {answer[0]["status"] for answer in answers} == {200}
    assert django.most == 4
    assert (await ask(door, "/"))[0]["status"] == 200


async def test_fifty_recordings_leave_half_of_the_desks_to_clicks() -> None:
    django = Django()
    door = Admission(django, desks=4)
    asking = [
        asyncio.create_task(ask(door, f"/api/v1/recordings/{n}/chunks/1", [(b"authorization", b"Bearer %d" % n)]))
        for n in range(50)
    ]
    await asyncio.sleep(0.05)
    assert django.inside == 2
    asking.append(asyncio.create_task(ask(door, "/api/v1/clicks", PHONE)))
    await asyncio.sleep(0.05)
    assert django.order[-1] == "/api/v1/clicks"
    django.gate.set()

    assert {answer[0]["status"] for answer in await asyncio.gather(*asking)} == {200}


async def test_one_phone_does_not_fill_the_queue() -> None:
    django = Django()
    door = Admission(django, desks=2)
    asking = [asyncio.create_task(ask(door, "/api/v1/clicks", PHONE)) for _ in range(300)]
    asking.append(asyncio.create_task(ask(door, "/api/v1/clicks")))
    await asyncio.sleep(0.05)
    django.gate.set()
    statuses = [answer[0]["status"] for answer in await asyncio.gather(*asking)]

    assert (statuses.count(200), statuses.count(503)) == (202, 99)
    assert statuses[-1] == 200


async def test_who_gives_up_waiting_takes_no_desk_away() -> None:
    django = Django()
    door = Admission(django, desks=1, waiting=100)
    asking = [asyncio.create_task(ask(door, "/")) for _ in range(20)]
    await asyncio.sleep(0.05)
    for task in asking[::2]:
        task.cancel()
    django.gate.set()
    await asyncio.wait(asking)

    assert (await ask(door, "/"))[0]["status"] == 200
    assert django.most == 1


async def test_a_request_that_fails_gives_its_desk_back() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("broken")

    door = Admission(broken, desks=1, waiting=1)
    for _ in range(3):
        with pytest.raises(ValueError, match="broken"):
            await ask(door, "/")


async def test_a_body_too_large_is_refused_before_anybody_reads_it() -> None:
    door = Admission(Django(), desks=1)
    start, body = await ask(door, "/api/v1/positions", [(b"content-length", b"10485760")])
    assert (start["status"], json.loads(body["body"])["error"]["code"]) == (413, "too_large")
