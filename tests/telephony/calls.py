"""A call that was picked up: somebody, or a machine, listens to what the service's TwiML says."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self

from tests.telephony import hooks
from tests.telephony.ledger import Taken
from tests.telephony.scripts import Reading
from tests.wires import Reply

if TYPE_CHECKING:
    from tests.telephony.network import Network
    from tests.telephony.telephones import Device


class Call:
    """A call that was picked up."""

    def __init__(self, device: "Device", taken: Taken, network: "Network") -> None:
        self.taken = taken
        self._device = device
        self._network = network
        self._reading = Reading(self._fetch)
        self._report("in-progress")
        self._go(lambda: self._reading.begin(script=taken.form.get("Twiml", ""), url=taken.form.get("Url", "")))

    @property
    def said(self) -> str:
        """Everything that the voice said so far."""
        return " ".join(self._reading.said)

    @property
    def languages(self) -> set[str]:
        """In which languages."""
        return self._reading.languages

    @property
    def over(self) -> bool:
        """Whether somebody hung up."""
        return self._reading.over

    def expect(self, saying: str) -> Self:
        """The voice said this."""
        assert saying in self.said, f"the voice did not say {saying!r} but {self.said!r}"
        return self

    def press(self, keys: str) -> Self:
        """A key, and what the voice says to it."""
        return self._go(lambda: self._reading.press(keys), acts=True)

    def waits(self) -> Self:
        """No key, until the voice goes on or ends."""
        return self._go(self._reading.wait)

    def hangs_up(self) -> Self:
        """Enough."""
        return self._go(self._reading.hang_up, acts=True)

    def listen_to_the_end(self) -> Self:
        """As an answering machine does."""
        while self._reading.asks_for_a_key:
            self.waits()
        return self

    def _go(self, step: Callable[[], object], *, acts: bool = False) -> Self:
        if acts:
            self._device.acted_at = datetime.now(UTC)
        was_over = self.over
        step()
        if self.over and not was_over:
            self._report("completed", seconds=max(1, round(self._reading.seconds)))
        return self

    def _report(self, word: str, *, seconds: int | None = None) -> None:
        self._device.report(self.taken, word, seconds=seconds)
        if self._network.postman.by_hand:
            self._network.deliver_receipts(sid=self.taken.sid)

    def _fetch(self, url: str, form: Mapping[str, str]) -> Reply:
        return self._network.reached_service().post(url, {**hooks.in_call(self.taken, "in-progress"), **form})
