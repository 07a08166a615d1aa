"""Several networks for one channel: the second carries what the first certainly refused, within the same attempt."""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import uuid4

from alerts.providers import faults
from alerts.providers.base import (
    CannotTellError,
    Message,
    Provider,
    ProviderError,
    Receipt,
    Sought,
    Standing,
    UnknownOutcomeError,
)
from alerts.providers.health import ERRORS, REFUSES_US, SILENCE, SLOW_FAILURE, Health
from alerts.states import Channel

SWITCH_WITHIN = SLOW_FAILURE  # later the lease would not last for a second network: the next attempt goes there first
NOBODY = "+33639980000"  # one of the regulator's fiction numbers, asked about to hear whether a network answers


class Carrier(Provider, Protocol):
    """A way out that knows its own names of messages when it sees them."""

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        """How they begin, unlike those of every other."""
        ...


def utc() -> datetime:
    """The hour."""
    return datetime.now(UTC)


class Pair:
    """The networks of one channel as one way out. Safe to call from many threads.

    Never two copies: another network is tried after a certain refusal alone. After an unknown outcome nothing is sent:
    the error names the network that may have the message, and only that one is asked.
    """

    def __init__(self, carriers: Sequence[Carrier], *, clock: Callable[[], datetime] = utc) -> None:
        self.health = Health([carrier.name for carrier in carriers])
        self._carriers = {carrier.name: carrier for carrier in carriers}
        self.now = clock

    @property
    def name(self) -> str:
        """Both names; a delivery bears that of the one which took it."""
        return ",".join(self._carriers)

    def send(self, message: Message) -> Receipt:
        """Through the first that takes it. Raises what the most promising refusal was, or UnknownOutcomeError."""
        began = time.monotonic()
        refusals: list[ProviderError] = []
        for name in self.health.order(self.now()):
            if refusals and time.monotonic() - began > SWITCH_WITHIN:
                break
            try:
                return self._send(name, message)
            except ProviderError as error:
                refusals.append(error)
                if not _may_go_elsewhere(error):
                    break
        raise _to_go_by(refusals, to_try=len(self._carriers) - len(refusals))

    def find(self, sought: Sought) -> Receipt | None:
        """Ask the network that may have it; where nobody knows which, all of them."""
        named = self._carriers.get(sought.provider)
        silent: list[ProviderError | CannotTellError] = []
        for carrier in [named] if named else self._carriers.values():
            try:
                found = carrier.find(sought)
            except (ProviderError, CannotTellError) as error:
                silent.append(error)
            else:
                if found is not None:
                    return found
        if silent:
            raise min(silent, key=lambda error: isinstance(error, ProviderError) and error.permanent)
        return None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Ask the network whose name for a message this is; None if none of these is known here."""
        for carrier in self._carriers.values():
            if provider_id.startswith(carrier.id_prefixes):
                return carrier.ask(channel, provider_id)
        return None

    def greet(self, name: str) -> bool:
        """Ask one network something harmless: about a message that never was. Whether it answered."""
        never = Sought(id=uuid4(), channel=Channel.SMS, to=NOBODY, since=self.now(), token_hashes=frozenset({"none"}))
        try:
            self._carriers[name].find(never)
        except ProviderError:
            return False
        except CannotTellError:
            return True
        return True

    def _send(self, name: str, message: Message) -> Receipt:
        began = time.monotonic()

        def failed(reason: str) -> None:
            self.health.bad(name, seconds=time.monotonic() - began, reason=reason, now=self.now())

        try:
            receipt = self._carriers[name].send(message)
        except UnknownOutcomeError as error:
            failed(SILENCE)
            raise UnknownOutcomeError(name) from error
        except ProviderError as error:
            if _concerns_the_network(error):
                failed(REFUSES_US if _is_our_fault(error) else ERRORS)
            else:  # it answered as it should: the refusal is about one person
                self.health.well(name, seconds=time.monotonic() - began, now=self.now())
            raise
        except Exception:
            failed(ERRORS)
            raise
        self.health.well(name, seconds=time.monotonic() - began, now=self.now())
        return receipt


def _is_our_fault(error: ProviderError) -> bool:
    return error.ours or error.code in faults.OURS


def _concerns_the_network(error: ProviderError) -> bool:
    """Whether it says something of this network, not of one person: others would be refused as well."""
    return (not error.permanent or _is_our_fault(error)) and error.code not in faults.ONE_NUMBER


def _may_go_elsewhere(error: ProviderError) -> bool:
    """Whether another network may well take the same message."""
    return _concerns_the_network(error) or error.code in faults.ONE_NUMBER


def _to_go_by(refusals: Sequence[ProviderError], *, to_try: int) -> ProviderError:
    """Of several refusals: one that passes rather than one for good, our own fault before all.

    What is refused here for good passes as long as another network, for which there was no time, may take it.
    """
    chosen = min(refusals, key=lambda error: (error.permanent, not _is_our_fault(error)))
    if to_try and chosen.permanent and _may_go_elsewhere(chosen):
        return ProviderError(chosen.code, permanent=False, elsewhere=True)
    return chosen
