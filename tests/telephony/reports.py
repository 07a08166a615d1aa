"""What the network tells the service of a text or call: at once, late, twice, backwards, never, or by a forger."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from tests.telephony import hooks
from tests.telephony.ledger import Taken

if TYPE_CHECKING:
    from tests.telephony.network import Network

_ENDS = frozenset({"delivered", "undelivered", "completed", "no-answer", "busy", "failed"})
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}


class Plan(StrEnum):
    """What becomes of the receipts to one number."""

    PROMPT = "prompt"
    LATE = "late"  # after `network.late_seconds`
    TWICE = "twice"
    REVERSED = "reversed"
    NEVER = "never"  # the message arrives, and nobody says so
    FORGED = "forged"  # somebody who is not Twilio says that it arrived; it did not
    STUCK = "stuck"  # it lies with the network, which knows no more either


class Reports:
    """What is told of one telephone. Without a plan of its own, that of the network."""

    def __init__(self, network: "Network") -> None:
        self.plan: Plan | None = None
        self._network = network
        self._sequences: dict[str, int] = {}
        self._held: dict[str, list[Callable[[], object]]] = {}

    def report(self, taken: Taken, words: Sequence[str], *, seconds: int | None, code: int) -> None:
        """These things happened: the network knows at once, and tells as planned."""
        plan = self.plan or Plan(self._network.plan)
        progress = self._network.progress(taken.sid)
        if plan is Plan.STUCK:
            return
        if plan is not Plan.FORGED:
            progress.status = words[-1]
            progress.seconds = progress.seconds if seconds is None else seconds
            progress.error_code = code or None if words[-1] == "undelivered" else None
        if self._network.service is not None and plan is not Plan.NEVER:
            self._tell(taken, [(word, self._form(taken, word, code)) for word in words], plan=plan)

    def _tell(self, taken: Taken, told: Sequence[tuple[str, Mapping[str, str]]], *, plan: Plan) -> None:
        posts = [self._post(taken, form, forged=plan is Plan.FORGED) for word, form in told if _is_wanted(taken, word)]
        if plan is Plan.REVERSED:
            posts = self._held.pop(taken.sid, []) + posts
            if told[-1][0] not in _ENDS:
                self._held[taken.sid] = posts
                return
            posts.reverse()
        if plan is Plan.TWICE:
            posts = [post for post in posts for _ in range(2)]
        for post in posts:
            after = self._network.late_seconds if plan is Plan.LATE else 0.0
            self._network.postman.plan(taken.sid, post, after=after)

    def _post(self, taken: Taken, form: Mapping[str, str], *, forged: bool) -> Callable[[], object]:
        service = self._network.reached_service()
        return partial(service.report, taken.form["StatusCallback"], form, forged=forged)

    def _form(self, taken: Taken, word: str, code: int) -> dict[str, str]:
        if taken.kind == "Messages":
            return hooks.of_text(taken, word, code=code if word == "undelivered" else None)
        sequence = self._sequences[taken.sid] = self._sequences.get(taken.sid, -1) + 1
        return hooks.of_call(taken, word, sequence=sequence, progress=self._network.progress(taken.sid))


def _is_wanted(taken: Taken, word: str) -> bool:
    """Whether the request asked to be told: every word about a text, those named in StatusCallbackEvent of a call."""
    if "StatusCallback" not in taken.form:
        return False
    events = taken.form.get("StatusCallbackEvent", "completed").split()
    return taken.kind == "Messages" or _EVENTS.get(word, "completed") in events
