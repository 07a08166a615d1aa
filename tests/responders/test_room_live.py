"""The room through a real web process and a real media process: who is told what, and when it ends."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.utils import timezone
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from alerts.domain import alerting
from alerts.models import Alert, Link
from alerts.states import AlertState
from tests.callers import Caller, Callers, callers
from tests.media import MediaProcess, media_process
from tests.phones import Companion
from tests.responders.rescue import Seated, make_rescue, open_link
from tests.web import WebProcess, until, web_process
from tests.wires import OverHttp, Reply

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

ENDS_WITHIN = 2.0  # seconds, as promised


@pytest.fixture
def media(transactional_db: None) -> Iterator[MediaProcess]:
    with media_process() as running:
        yield running


@pytest.fixture
def web(media: MediaProcess) -> Iterator[WebProcess]:
    with web_process(media.environment) as running:
        yield running


@pytest.fixture
def everybody() -> Iterator[Callers]:
    with callers() as calling:
        yield calling


@dataclass
class Page:
    """A contact's page with its socket, and the browser's side of the seat."""

    web: WebProcess
    seated: Seated
    callers: Callers
    socket: ClientConnection
    caller: Caller | None = None
    taken: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str = "", body: object = None) -> Reply:
        """One request for the room."""
        address = f"/alert/{self.seated.link.place}/room{path}"
        headers = {"Cookie": self.seated.cookie, "Content-Type": "application/json"}
        return OverHttp(self.web.url).send(method, address, headers=headers, body=json.dumps(body or {}).encode())

    def join(self) -> None:
        """One tap; sound flows when this returns."""
        reply = self.call("POST")
        assert reply.status == 201, reply.body
        self.taken = reply.json
        self.caller = self.callers.new()
        answer = self.caller.answer(self.taken["offer"], self.taken["seat"])
        reply = self.call("PUT", f"/{self.taken['seat']}", {"answer": answer, "taking": self.taken["taking"]})
        assert reply.status == 204, reply.body
        assert until(lambda: self.caller is not None and self.caller.state == "connected", 10)

    def room(self, *, seconds: float = 5) -> dict[str, Any]:
        """The next message about the room."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            message: dict[str, Any] = json.loads(self.socket.recv(timeout=left))
            if message["type"] == "room":
                return message
        raise TimeoutError("room")

    def until_room(self, seats: dict[int, Any], *, up: bool = True, seconds: float = 5) -> None:
        """Until the page was told this: what each seat publishes."""
        end = time.monotonic() + seconds
        told: dict[str, Any] = {}
        while time.monotonic() < end:
            told = self.room(seconds=max(end - time.monotonic(), 0.01))
            if told["up"] is up and {seat["seat"]: seat["publishes"] for seat in told["seats"]} == seats:
                return
        raise TimeoutError(str(told))


@pytest.fixture
def rescue(transactional_db: None) -> Alert:
    return make_rescue()


@contextmanager
def opened(web: WebProcess, rescue: Alert, everybody: Callers, *, name: str) -> Iterator[Page]:
    """The live page of this relative."""
    seated = open_link(rescue, name)
    url = f"ws://localhost:{web.port}{seated.path}"
    with connect(url, additional_headers={"Cookie": seated.cookie}, origin=Origin(web.url)) as socket:
        assert json.loads(socket.recv(timeout=5))["room"] == {"up": True, "seats": []}
        yield Page(web=web, seated=seated, callers=everybody, socket=socket)


@pytest.fixture
def nadia(web: WebProcess, rescue: Alert, everybody: Callers) -> Iterator[Page]:
    with opened(web, rescue, everybody, name="Nadia") as page:
        yield page


@pytest.fixture
def thomas(web: WebProcess, rescue: Alert, everybody: Callers) -> Iterator[Page]:
    with opened(web, rescue, everybody, name="Thomas") as page:
        yield page


def test_thomas_is_told_that_nadia_sits_there_speaks_and_left(nadia: Page, thomas: Page) -> None:
    nadia.join()
    thomas.until_room({0: ["audio"]})
    nadia.call("DELETE", "/0", {"taking": nadia.taken["taking"]})
    thomas.until_room({})


def test_two_web_processes_tell_their_pages_the_same(
    media: MediaProcess, rescue: Alert, nadia: Page, everybody: Callers
) -> None:
    with web_process(media.environment) as other, opened(other, rescue, everybody, name="Thomas") as thomas:
        thomas.join()
        nadia.until_room({1: ["audio"]})


def test_a_late_page_reads_who_sits_there(web: WebProcess, nadia: Page, rescue: Alert) -> None:
    nadia.join()
    nadia.until_room({0: ["audio"]})
    shown = nadia.call("GET").json
    assert [seat["publishes"] for seat in shown["seats"]] == [["audio"]]


@pytest.mark.parametrize("way", ["said", "unsaid", "at the cap"])
def test_the_room_ends_within_two_seconds_of_the_alert(
    media: MediaProcess, rescue: Alert, nadia: Page, thomas: Page, *, way: str
) -> None:
    nadia.join()
    thomas.join()
    now = timezone.now()
    if way == "said":
        alerting.close(rescue, AlertState.CLOSED, reason="safe", now=now)
    elif way == "unsaid":
        Alert.objects.filter(pk=rescue.pk).update(state=AlertState.CLOSED, ended_at=now, reason="safe")
    else:
        Alert.objects.filter(pk=rescue.pk).update(expires_at=now)
    began = time.monotonic()

    assert until(lambda: not media.client.rooms().rooms, ENDS_WITHIN + 1)
    assert time.monotonic() - began < ENDS_WITHIN
    for page in (nadia, thomas):
        assert page.caller is not None
        assert until(lambda caller=page.caller: caller.state == "closed", 3), "the browser is told, too"  # type: ignore[misc]


def test_who_is_cut_off_is_silent_within_two_seconds_even_without_a_page(
    media: MediaProcess, rescue: Alert, nadia: Page, thomas: Page
) -> None:
    nadia.join()
    thomas.join()
    nadia.socket.close()
    Link.objects.filter(pk=nadia.seated.link.pk).update(cut_off_at=timezone.now())
    began = time.monotonic()

    assert until(lambda: [one.seat for one in media.client.rooms().rooms[rescue.pk]] == [1], ENDS_WITHIN + 1)
    assert time.monotonic() - began < ENDS_WITHIN
    assert nadia.call("POST").status == 404


def test_under_duress_she_is_out_and_they_go_on(web: WebProcess, rescue: Alert, nadia: Page) -> None:
    nadia.join()
    marie = Companion(wire=OverHttp(web.url))
    assert marie.call("POST", "/alert/room").json["seat"] == 6
    nadia.until_room({0: ["audio"], 6: []})
    began = time.monotonic()
    alerting.close(rescue, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())

    nadia.until_room({0: ["audio"]})
    assert time.monotonic() - began < ENDS_WITHIN
    assert marie.call("POST", "/alert/room").error == "no_open_alert"


def test_when_the_media_process_dies_pages_are_told_and_sit_down_again(
    media: MediaProcess, nadia: Page, thomas: Page
) -> None:
    nadia.join()
    thomas.until_room({0: ["audio"]})
    media.stop(signal.SIGKILL)

    thomas.until_room({}, up=False, seconds=2)
    refused = thomas.call("POST")
    assert (refused.status, refused.error, refused.headers["Retry-After"]) == (503, "room_away", "1")
    media.start()
    thomas.until_room({}, seconds=2)
    nadia.until_room({}, seconds=2)
    nadia.join()
    thomas.join()
    thomas.until_room({0: ["audio"], 1: ["audio"]})


def test_a_web_process_that_comes_later_still_ends_what_is_over(
    media: MediaProcess, web: WebProcess, rescue: Alert, nadia: Page
) -> None:
    nadia.join()
    web.stop(signal.SIGKILL)
    alerting.close(rescue, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert media.client.rooms().rooms
    web.start()

    assert until(lambda: not media.client.rooms().rooms, ENDS_WITHIN)
