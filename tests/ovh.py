"""A small OVHcloud of our own: takes what the real client signs, remembers it, misbehaves on request."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

APPLICATION, SECRET, CONSUMER = "application-key", "application-secret", "consumer-key"
SERVICE = "sms-xx00000-1"
_CLOCKS = 30  # seconds that a signature may be old


@dataclass(kw_only=True)
class Text:
    """One text that the network took; `waiting` until it leaves, then it stands among what was sent."""

    number: int
    job: Mapping[str, Any]
    waiting: bool = False
    receipt: int = 0
    ptt: int = 0

    def described(self) -> dict[str, Any]:
        """As OVHcloud shows it; a job bears no tag."""
        shown = {
            "id": self.number,
            "receiver": self.job["receivers"][0],
            "sender": self.job.get("sender", ""),
            "message": self.job["message"],
            "deliveryReceipt": self.receipt,
            "ptt": self.ptt,
            "numberOfSms": 1,
            "credits": 1,
        }
        return shown if self.waiting else shown | {"tag": self.job["tag"]}


@dataclass
class Network:
    """What the network took so far, and how it behaves: one `mood` per coming text, then it is well again.

    Moods: "drop" takes the text and closes the line without an answer, "hang" takes it and answers after
    `hang_seconds`, "lose" closes the line and takes nothing, "invalid" refuses the receiver, "riddle" takes it and
    answers what nobody can read, a number answers that HTTP status, (status, errorCode) adds a word.
    """

    url: str = ""
    taken: list[Text] = field(default_factory=list)
    moods: list[Any] = field(default_factory=list)
    hang_seconds: float = 2.0
    answers: bool = True  # whether questions are answered
    wait: bool = False  # whether texts stay among the waiting
    clock: float = 0.0  # seconds ahead of the true hour
    asked: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def to(self, number: str) -> list[Text]:
        """What this telephone got."""
        with self.lock:
            return [one for one in self.taken if one.job["receivers"] == [number]]

    def take(self, job: Mapping[str, Any]) -> Text:
        """Remember one more."""
        with self.lock:
            text = Text(number=4000 + len(self.taken), job=job, waiting=self.wait)
            self.taken.append(text)
        return text

    def now(self) -> int:
        """The hour that this network believes in, in seconds since 1970."""
        return int(time.time() + self.clock)


def signature(method: str, url: str, body: str, at: str) -> str:
    """As OVHcloud defines it: https://docs.ovh.com/gb/en/api/first-steps-with-ovh-api/."""
    signed = "+".join([SECRET, CONSUMER, method, url, body, at])
    return f"$1${hashlib.sha1(signed.encode()).hexdigest()}"  # noqa: S324 - as OVHcloud signs


class _Door(BaseHTTPRequestHandler):
    network: Network
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The hour; lists of numbers; one text."""
        path, asked = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        self.network.asked.append(path)
        if path == "/1.0/auth/time":
            return self._answer(200, self.network.now())
        if not self.network.answers:
            return self._answer(503, {"message": "unwell"})
        if word := self._stranger(""):
            return self._refuse(*word)
        place, _, number = path.removeprefix(f"/1.0/sms/{SERVICE}/").partition("/")
        if place not in {"outgoing", "jobs"} or not path.startswith(f"/1.0/sms/{SERVICE}/"):
            return self._refuse(404, "")
        here = [one for one in self.network.taken if one.waiting == (place == "jobs")]
        if number:
            found = [one.described() for one in here if str(one.number) == number]
            return self._answer(200, found[0]) if found else self._refuse(404, "")
        if "tag" in asked:
            here = [one for one in here if one.job["tag"] == asked["tag"][0]]
        return self._answer(200, [one.number for one in here])

    def do_POST(self) -> None:
        """One job."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        if word := self._stranger(body):
            return self._refuse(*word)
        if self.path != f"/1.0/sms/{SERVICE}/jobs":
            return self._refuse(404, "")
        return self._take(json.loads(body))

    def _take(self, job: Mapping[str, Any]) -> None:
        mood = self.network.moods.pop(0) if self.network.moods else None
        if isinstance(mood, int | tuple):
            return self._refuse(*(mood if isinstance(mood, tuple) else (mood, "")))
        if mood == "invalid":
            return self._answer(200, _report([], job["receivers"]))
        text = None if mood == "lose" else self.network.take(job)
        if text is None or mood == "drop":
            self.close_connection = True
            return None
        if mood == "riddle":
            return self._answer(200, "?")
        if mood == "hang":
            time.sleep(self.network.hang_seconds)
        return self._answer(200, _report([text.number], []))

    def _stranger(self, body: str) -> tuple[int, str] | None:
        """Why this request is not the customer's, or None."""
        if self.headers["X-Ovh-Application"] != APPLICATION:
            return 403, "INVALID_KEY"
        if self.headers["X-Ovh-Consumer"] != CONSUMER:
            return 403, "INVALID_CREDENTIAL"
        at = self.headers["X-Ovh-Timestamp"]
        if abs(int(at) - self.network.now()) > _CLOCKS:
            return 400, "QUERY_TIME_OUT"
        own = signature(self.command, f"{self.network.url}{self.path}", body, at)
        return None if hmac.compare_digest(own, self.headers["X-Ovh-Signature"]) else (400, "INVALID_SIGNATURE")

    def _refuse(self, status: int, word: str) -> None:
        self.network.refused.append(f"{status} {word}")
        self._answer(status, {"message": "refused", "errorCode": word} if word else {"message": "refused"})

    def _answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
        except (BrokenPipeError, ConnectionResetError):  # the client stopped waiting, as it should
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
        """Say nothing."""


def _report(numbers: list[int], refused: list[str]) -> dict[str, Any]:
    return {"ids": numbers, "invalidReceivers": refused, "validReceivers": [], "totalCreditsRemoved": len(numbers)}


@contextmanager
def network() -> Iterator[Network]:
    """A running stand-in on a free port."""
    remembered = Network()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Door", (_Door,), {"network": remembered}))
    remembered.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield remembered
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
