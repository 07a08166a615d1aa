"""A network for messages outside alerts: it keeps what it took, and fails as often as it is told to."""

from dataclasses import dataclass, field

from alerts.domain.ways import Ways
from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing
from alerts.states import Channel


@dataclass
class Post:
    """Every way at once. `tries` counts what was brought to it, taken or not."""

    name: str = "post"
    taken: list[Message] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    tries: int = 0

    @classmethod
    def failing(cls, times: int) -> "Post":
        """A network that refuses so often."""
        return cls(failures=[ProviderError("503", permanent=False) for _ in range(times)])

    def send(self, message: Message) -> Receipt:
        """Take it, or fail."""
        self.tries += 1
        if self.failures:
            raise self.failures.pop()
        self.taken.append(message)
        return Receipt(provider=self.name, provider_id="1")

    def find(self, sought: Sought) -> Receipt | None:
        """Nothing is asked."""
        raise AssertionError(sought)

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Nothing is asked."""
        raise AssertionError((channel, provider_id))

    @property
    def ways(self) -> Ways:
        """It carries everything."""
        return dict.fromkeys(Channel, self)
