"""Relatives who open their links in a running installation and sit down in the room: they know the contract alone."""

import json
import time
from dataclasses import dataclass

from tests.callers import Caller, Callers
from tests.server import Server
from tests.web import until
from tests.wires import OverHttp, Reply

RETRY = 0.25  # seconds between a page's attempts, as long as the room is away


@dataclass
class Relative:
    """A browser at one place."""

    wire: OverHttp
    cookie: str
    place: str

    @classmethod
    def opening(cls, server: Server, link: str) -> "Relative":
        """Opens the link of the SMS."""
        wire = OverHttp(server.url)
        opened = wire.send("POST", link, headers={"Content-Type": "application/x-www-form-urlencoded"})
        assert opened.status == 303, opened.body
        cookie = opened.headers["Set-Cookie"].partition(";")[0]
        return cls(wire=wire, cookie=cookie, place=opened.headers["Location"])

    def call(self, method: str, path: str, body: object = None) -> Reply:
        """One request."""
        headers = {"Cookie": self.cookie, "Content-Type": "application/json"}
        return self.wire.send(method, self.place + path, headers=headers, body=json.dumps(body or {}).encode())

    def take_seat(self) -> tuple[int, str]:
        """A seat and its offer, as soon as there is a room."""
        taken = self.call("POST", "room")
        while taken.status == 503:
            time.sleep(RETRY)
            taken = self.call("POST", "room")
        assert taken.status == 201, taken.body
        return taken.json["seat"], taken.json["offer"]

    def hand_in(self, seat: int, answer: str) -> None:
        """What the browser answers."""
        answered = self.call("PUT", f"room/{seat}", {"answer": answer})
        assert answered.status == 204, answered.body

    def join(self, everybody: Callers) -> Caller:
        """Sits down as soon as that is possible; returns when sound flows."""
        seat, offer = self.take_seat()
        caller = everybody.new()
        self.hand_in(seat, caller.answer(offer, seat))
        assert until(lambda: caller.state == "connected", 10)
        return caller
