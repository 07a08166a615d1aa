"""Two networks for one channel and an hour, all in the hands of a test."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.providers.pair import Pair
from alerts.providers.twilio_words import is_our_fault, is_permanent
from alerts.states import Channel, DeliveryState
from tests.people import NADIA, NOON

OK, REFUSES, OURS, NO, LOST, TAKEN = "ok", "refuses", "ours", "no", "lost", "taken"


class Clock:
    """The hour, in the hands of the test."""

    def __init__(self) -> None:
        self.hour = NOON

    def __call__(self) -> datetime:
        return self.hour

    def tick(self, seconds: float) -> datetime:
        self.hour += timedelta(seconds=seconds)
        return self.hour


@dataclass
class Line:
    """One network: it takes what it is sent, or does what it was told for the next message."""

    name: str
    moods: list[str] = field(default_factory=list)
    taken: list[Message] = field(default_factory=list)
    tried: int = 0
    asked: int = 0
    answers: bool = True

    @property
    def id_prefixes(self) -> tuple[str, ...]:
        return (f"{self.name}:",)

    def send(self, message: Message) -> Receipt:
        self.tried += 1
        mood = self.moods.pop(0) if self.moods else OK
        if mood in {OK, TAKEN}:
            self.taken.append(message)
        if mood in {LOST, TAKEN}:
            raise UnknownOutcomeError
        if mood.isdigit():  # a code of Twilio's
            raise ProviderError(mood, permanent=is_permanent(mood), ours=is_our_fault(mood))
        if mood != OK:
            raise ProviderError(f"{self.name}_{mood}", permanent=mood == NO, ours=mood == OURS)
        return Receipt(provider=self.name, provider_id=f"{self.name}:{message.id}")

    def find(self, sought: Sought) -> Receipt | None:
        self.asked += 1
        if not self.answers:
            raise ProviderError("cannot_ask", permanent=False)
        known = any(message.id == sought.id for message in self.taken)
        return Receipt(provider=self.name, provider_id=f"{self.name}:{sought.id}") if known else None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        del channel
        return Standing(state=DeliveryState.DELIVERED, provider=self.name, provider_id=provider_id)


@dataclass
class Lines:
    """Both networks as one, and the hour."""

    first: Line = field(default_factory=lambda: Line("first"))
    second: Line = field(default_factory=lambda: Line("second"))
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.pair = Pair([self.first, self.second], clock=self.clock)

    def text(self) -> str:
        """Send one text; the name of the network that took it."""
        return self.pair.send(text()).provider

    def rest(self) -> None:
        """The first network fails until it is left in peace; the second carries meanwhile."""
        self.first.moods = [REFUSES] * 3
        assert [self.text() for _ in range(3)] == ["second"] * 3
        assert self.pair.health.order(self.clock()) == ("second", "first")


def text() -> Message:
    """One text to Nadia."""
    return Message(id=uuid4(), channel=Channel.SMS, to=NADIA.phone_number, name="Nadia", text="SECOURS Marie")


def sought(message: Message, provider: str = "") -> Sought:
    """The same message, its fate unknown."""
    return Sought(id=message.id, channel=Channel.SMS, to=message.to, since=NOON, provider=provider)
