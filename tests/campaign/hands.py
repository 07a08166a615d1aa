"""Hands on telephones: each click is sent again under the same id until it is answered, and then noted on disk."""

import json
import os
import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from tests.wires import OverHttp

PAUSES = (0, 1, 2, 4, 8, 15)  # seconds, as static/js/pure/clicks.js waits
_AT_ONCE = 96  # a hand that waits for an answer holds up no other
_ANSWERED = frozenset({200, 201})
GESTURES: Sequence[Sequence[str]] = (
    ("single",),
    ("double",),
    ("long",),
    ("single", "double"),
    ("single", "double", "long"),
    ("double", "single", "double"),
)


@dataclass(frozen=True, kw_only=True)
class Click:
    """One acknowledged click."""

    victim: int
    gesture: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What one victim does, and when she begins (seconds from the beginning)."""

    victim: int
    token: str
    gestures: Sequence[str]
    begins: float


def plans(tokens: Sequence[str], *, clicks: int, seconds: float, dice: random.Random) -> list[Plan]:
    """So many clicks, spread over that time; some victims click once, some two or three times."""
    planned: list[Plan] = []
    left = clicks
    for victim, token in enumerate(tokens):
        if not left:
            break
        gestures = dice.choice(GESTURES)[:left]
        left -= len(gestures)
        planned.append(Plan(victim=victim, token=token, gestures=gestures, begins=dice.uniform(0, seconds)))
    if left:
        raise ValueError(f"{left} clicks are nobody's: more victims are needed")
    return sorted(planned, key=lambda plan: plan.begins)


class Hands:
    """Everybody's, at once. What was acknowledged is on disk before the next click of the same hand."""

    def __init__(self, url: str, log: Path, *, dice: random.Random) -> None:
        self._wire = OverHttp(url)
        self._file = os.open(log, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        self._lock = threading.Lock()
        self._dice = dice
        self._given_up = threading.Event()
        self.tries = 0

    def click_all(self, planned: Sequence[Plan], *, patience: float) -> bool:
        """Click as planned; whether everything was acknowledged within `patience` seconds after the last one began."""
        began = time.monotonic()
        with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="hand") as hands:
            running = [hands.submit(self._follow, plan, began) for plan in planned]
            limit = threading.Timer(planned[-1].begins + patience, self._given_up.set)
            limit.start()
            answered = [one.result() for one in running]
            limit.cancel()
        return all(answered)

    def close(self) -> None:
        """Let go of the log."""
        os.close(self._file)

    def _follow(self, plan: Plan, began: float) -> bool:
        self._given_up.wait(max(0.0, began + plan.begins - time.monotonic()))
        return all(self._click(plan, gesture) for gesture in plan.gestures)

    def _click(self, plan: Plan, gesture: str) -> bool:
        uid, clicked_at, tried = str(uuid4()), datetime.now(UTC).isoformat(), 0
        while not self._given_up.is_set():
            if self._is_answered(plan.token, {"id": uid, "gesture": gesture, "clicked_at": clicked_at}):
                self._note({"victim": plan.victim, "gesture": gesture, "id": uid})
                return True
            tried += 1
            self._given_up.wait(PAUSES[min(tried, len(PAUSES) - 1)] * self._dice.uniform(0.9, 1.1))
        return False

    def _is_answered(self, token: str, click: dict[str, str]) -> bool:
        self.tries += 1
        body = json.dumps({**click, "sent_at": datetime.now(UTC).isoformat(), "position": None, "battery": 50})
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        try:
            reply = self._wire.send("POST", "/api/v1/clicks", headers=headers, body=body.encode())
        except OSError:
            return False
        return reply.status in _ANSWERED and bool(reply.json["alert"]["id"])

    def _note(self, click: dict[str, object]) -> None:
        with self._lock:
            os.write(self._file, json.dumps(click).encode() + b"\n")
            os.fsync(self._file)


def acknowledged(log: Path) -> list[Click]:
    """What the log holds, each victim's in the order of her hand."""
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    return [Click(victim=line["victim"], gesture=line["gesture"]) for line in lines]
