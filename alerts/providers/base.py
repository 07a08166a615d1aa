"""What every way out offers: take one message, and say later whether it was taken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable
from uuid import UUID

from alerts.states import Channel, DeliveryState


class ProviderError(Exception):
    """The message was certainly not taken. `permanent` says whether trying again is of no use; `code` says why.

    `ours`: our key, our sender or our account is wrong, so that this provider takes nothing at all from us.
    `elsewhere`: another channel should not wait for this one; so it is with what is permanent and what is ours.
    `retry_after`: the seconds that the provider asks us to wait.
    """

    def __init__(
        self,
        code: str,
        *,
        permanent: bool,
        ours: bool = False,
        elsewhere: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.ours = ours
        self.elsewhere = elsewhere or permanent or ours
        self.retry_after = retry_after


class UnknownOutcomeError(Exception):
    """The message left and no answer came: the provider may have taken it. Ask `find` before sending again.

    `provider` is the only one that may have it; empty where there is but one.
    """

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self.provider = provider


class CannotTellError(Exception):
    """This way out keeps no list that could be asked, as with mail."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """One text for one person by one channel. `id` is the delivery's and comes back in every receipt."""

    id: UUID
    channel: Channel
    to: str
    name: str
    text: str
    language: str = "fr"
    subject: str = ""
    sender: str = ""  # of a mail: the name that it comes from, instead of the service's own
    html: str = ""  # of a mail: the same as `text`, for those who read mail as a page
    prompt: str = ""  # of a call: which keys to press, said after the text
    pressed: str = ""  # of a call: where the network posts the key
    receipts: str = ""  # where the network posts receipts
    valid_for: int = 4 * 3600  # seconds after which the network gives an SMS up, and says so


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """The provider took the message and calls it so."""

    provider: str
    provider_id: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a message stands in the provider's own eyes; `seconds` is how long a call lasted, `parts` its segments."""

    state: DeliveryState
    code: str = ""
    provider: str = ""
    provider_id: str = ""
    seconds: int | None = None
    parts: int | None = None


@dataclass(frozen=True, kw_only=True)
class Sought:
    """A message whose fate is unknown: one to this number since the attempt (UTC) that belongs to nothing else is it.

    A text is known by a token in it whose SHA-256 is among `token_hashes`, or else by being the very `text`.
    `provider` is the only one that may have it; empty where nobody knows who was handed it, as after a kill.
    """

    id: UUID
    channel: Channel
    to: str
    since: datetime
    token_hashes: frozenset[str] = frozenset()
    text: str = ""
    taken_ids: frozenset[str] = frozenset()  # the provider's names of other deliveries to the same contact
    provider: str = ""


class Provider(Protocol):
    """One way out. Methods are called from many threads at once, with no transaction open."""

    @property
    def name(self) -> str:
        """The word stored with a delivery."""
        ...

    def send(self, message: Message) -> Receipt:
        """Hand over within ten seconds. Raises ProviderError or UnknownOutcomeError."""
        ...

    def find(self, sought: Sought) -> Receipt | None:
        """Whether this message was taken. Raises CannotTellError where nobody knows, ProviderError to ask later."""
        ...

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        """Where a message that was taken stands now; None where nothing more will ever be known, as with mail.

        Raises ProviderError to ask later.
        """
        ...


@runtime_checkable
class Punctual(Protocol):
    """A way out that knows from which moment on a message may have been taken: a kill before it leaves no doubt."""

    def send_noting(self, message: Message, *, leaving: Callable[[], None]) -> Receipt:
        """As `Provider.send`; calls `leaving` right before what cannot be taken back."""
        ...
