"""A network in the hands of a test: it takes what it is sent, or does what it was told for the next message."""

import threading
from collections.abc import Callable
from uuid import UUID

from alerts.providers.base import (
    CannotTellError,
    Message,
    ProviderError,
    Receipt,
    Sought,
    Standing,
    UnknownOutcomeError,
)
from alerts.states import Channel, DeliveryState


class Telephones:
    """A network in the hands of the test: takes what it is sent, or does what it was told for the next message."""

    name = "telephones"

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.moods: list[Callable[[Message], None]] = []
        self.asked: list[Sought] = []
        self.can_tell = True
        self.reachable = True
        self._lock = threading.Lock()

    def send(self, message: Message) -> Receipt:
        with self._lock:
            mood = self.moods.pop(0) if self.moods else None
        if mood:
            mood(message)
        self.take(message)
        return Receipt(provider=self.name, provider_id=f"T{message.id}")

    def take(self, message: Message) -> None:
        with self._lock:
            self.taken.append(message)

    def take_late(self, delivery: UUID) -> None:
        """What was under way when its sender gave up arrives after all."""
        self.take(Message(id=delivery, channel=Channel.SMS, to="", name="", text=""))

    def take_and_fall_silent(self, message: Message) -> None:
        self.take(message)
        raise UnknownOutcomeError

    def find(self, sought: Sought) -> Receipt | None:
        with self._lock:
            self.asked.append(sought)
        if not self.reachable:
            raise ProviderError("cannot_ask", permanent=False)
        if not self.can_tell:
            raise CannotTellError
        known = any(message.id == sought.id for message in self.taken)
        return Receipt(provider=self.name, provider_id=f"T{sought.id}") if known else None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Whatever was taken is still on its way."""
        del channel
        return Standing(state=DeliveryState.ACCEPTED, provider=self.name, provider_id=provider_id)

    def to(self, address: str) -> list[Message]:
        return [message for message in self.taken if message.to == address]


def fall_silent(_: Message) -> None:
    """Nothing was taken and nobody answers."""
    raise UnknownOutcomeError


def refuse(*, permanent: bool) -> Callable[[Message], None]:
    """A clear no."""
    return refuse_with("no", permanent=permanent)


def refuse_with(code: str, *, permanent: bool = False) -> Callable[[Message], None]:
    """A clear no that says why."""

    def mood(_: Message) -> None:
        raise ProviderError(code, permanent=permanent)

    return mood
