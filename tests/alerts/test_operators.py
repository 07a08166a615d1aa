"""The operators are told once, soon, shortly, and whatever a network does to us."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from alerts.domain import alerting, auditing, beats
from alerts.domain.operators import MOST_AN_HOUR, Teller
from alerts.models import Alert, Finding
from alerts.providers.base import Message, ProviderError, Receipt, Sought, Standing, UnknownOutcomeError
from alerts.providers.mailbox import MailboxProvider, Mailserver
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel, FindingKind, Gesture
from tests.outside import mailbox, wait_until
from tests.people import NOON, RELATIVES, make_marie, make_phone
from tests.twilio import ACCOUNT, TOKEN, network

if TYPE_CHECKING:
    from alerts.domain.ways import Ways

pytestmark = pytest.mark.django_db(transaction=True)

OPERATORS = ("ops@sos.exmpl.fr", "+33639980042")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


class Wire:
    """Both ways out in the hands of the test: takes messages, or does what `mood` says."""

    name = "wire"

    def __init__(self, mood: Callable[[Message], None] | None = None) -> None:
        self.mood = mood
        self.taken: list[Message] = []
        self._lock = threading.Lock()

    def send(self, message: Message) -> Receipt:
        if self.mood:
            self.mood(message)
        with self._lock:
            self.taken.append(message)
        return Receipt(provider=self.name, provider_id=str(message.id))

    def find(self, sought: Sought) -> Receipt | None:
        del sought
        return None

    def ask(self, channel: Channel, provider_id: str) -> Standing | None:
        del channel, provider_id
        return None

    def by(self, channel: Channel) -> list[str]:
        return [message.text for message in self.taken if message.channel is channel]


def teller(wire: Wire, operators: tuple[str, ...] = OPERATORS) -> Teller:
    return Teller(operators, dict.fromkeys(Channel, wire))


def step(one: Teller, *, now: datetime) -> None:
    """A round of the teller; what it begins is over when this returns, and the next round will record it."""
    one.step(now=now)
    said = one._under_way
    if said is not None:
        assert wait_until(said.reached.done)


def unreached(*, drill: bool = False, name: str = "marie") -> Alert:
    """An alert of Marie that nobody received, a minute after noon."""
    phone = make_phone(make_marie(name), token=name, osmand_id=name)
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=NOON, sent_at=NOON)
    alert = alerting.receive_click(phone, report, now=NOON, drill=drill).alert
    alert.deliveries.update(state="accepted", moved_at=NOON)
    beats.beat(beats.SWEEP, now=NOON + MINUTE)
    auditing.audit(now=NOON + MINUTE, since=NOON)
    return alert


def overdue(count: int = 3) -> Finding:
    """Something wrong about the service."""
    return Finding.objects.create(kind=FindingKind.OVERDUE, count=count, found_at=NOON)


def test_an_operator_is_told_by_mail_and_by_text_with_counts_and_ids_alone() -> None:
    alert = unreached()
    overdue(count=14)
    with mailbox() as box, network() as telephones:
        server = Mailserver.read(box.url, sender_host="sos.exmpl.fr")
        credentials = Credentials(
            account_sid=ACCOUNT,
            auth_token=TOKEN,
            sms_sender="MonSherif",
            voice_number="+33199000000",
            url=telephones.url,
        )
        ways: Ways = {Channel.EMAIL: MailboxProvider(server), Channel.SMS: TwilioProvider(credentials)}
        one = Teller(OPERATORS, ways)
        step(one, now=NOON + MINUTE)
        step(one, now=NOON + MINUTE + 5 * SECOND)

        text = telephones.to("+33639980042")[0].form["Body"]
        letter = box.letters[0]
    assert len(telephones.taken) == len(box.envelopes) == 1
    assert "StatusCallback" not in telephones.taken[0].form  # an empty one is no address to Twilio
    assert box.envelopes[0].rcpt_tos == ["ops@sos.exmpl.fr"]
    short = str(alert.pk)[:8]
    assert text == f"MonSherif localhost : 14 messages en retard d'envoi ; 1 alerte que personne n'a recue ({short})."
    assert str(alert.pk) in letter
    assert "depuis 1 min" in letter
    for person in RELATIVES:
        assert person.name not in letter + text
        assert person.phone_number not in letter + text
    assert set(Finding.objects.values_list("told_at", flat=True)) == {NOON + MINUTE}


def test_each_finding_is_said_once() -> None:
    wire = Wire()
    one = teller(wire)
    overdue()
    for seconds in range(0, 3600, 30):
        step(one, now=NOON + seconds * SECOND)
    assert len(wire.by(Channel.SMS)) == len(wire.by(Channel.EMAIL)) == 1


def test_an_alert_that_nobody_received_is_said_again_after_a_minute_then_every_quarter_of_an_hour() -> None:
    unreached()
    wire = Wire()
    one = teller(wire)
    said = []
    for seconds in range(60, 3600, 5):
        before = len(wire.by(Channel.SMS))
        step(one, now=NOON + seconds * SECOND)
        said += [seconds] * (len(wire.by(Channel.SMS)) - before)
    assert said == [60, 120, 1020, 1920, 2820]


def test_a_drill_is_said_once_and_called_a_drill() -> None:
    unreached(drill=True)
    wire = Wire()
    one = teller(wire)
    for seconds in range(60, 3600, 30):
        step(one, now=NOON + seconds * SECOND)
    assert len(wire.by(Channel.SMS)) == 1
    assert "dont exercices : 1" in wire.by(Channel.SMS)[0]
    assert "EXERCICE" in wire.by(Channel.EMAIL)[0]


def test_a_night_of_new_findings_makes_at_most_twelve_messages_an_hour_and_says_everything_in_the_end() -> None:
    wire = Wire()
    one = teller(wire, operators=OPERATORS[1:])
    finding = overdue()
    said: list[int] = []
    for seconds in range(0, 7200, 10):
        Finding.objects.filter(pk=finding.pk).update(told_at=None)  # always something new
        before = len(wire.taken)
        step(one, now=NOON + seconds * SECOND)
        said += [seconds] * (len(wire.taken) - before)
    assert said[:4] == [0, 20, 50, 110]
    assert all(sum(1 for at in said if start <= at < start + 3600) <= MOST_AN_HOUR for start in said)
    assert max(later - sooner for sooner, later in pairwise(said)) <= 1200


def test_an_operator_that_nobody_can_reach_is_tried_again_and_the_log_cries(caplog: pytest.LogCaptureFixture) -> None:
    def refuse(_: Message) -> None:
        raise ProviderError("unreachable", permanent=False)

    wire = Wire(refuse)
    one = teller(wire)
    finding = overdue()
    with caplog.at_level(logging.CRITICAL):
        step(one, now=NOON)
        step(one, now=NOON + 5 * SECOND)
    assert one.cannot_tell(now=NOON + 5 * SECOND)
    assert [record.levelname for record in caplog.records] == ["CRITICAL"]
    assert OPERATORS[0] not in caplog.text

    wire.mood = None
    step(one, now=NOON + 34 * SECOND)
    assert wire.taken == []
    step(one, now=NOON + 35 * SECOND)
    step(one, now=NOON + 40 * SECOND)
    finding.refresh_from_db()
    assert finding.told_at == NOON + 35 * SECOND
    assert not one.cannot_tell(now=NOON + 40 * SECOND)


def test_one_way_out_is_enough() -> None:
    def only_mail(message: Message) -> None:
        if message.channel is Channel.SMS:
            raise UnknownOutcomeError

    one = teller(Wire(only_mail))
    overdue()
    step(one, now=NOON)
    step(one, now=NOON + 5 * SECOND)
    assert Finding.objects.get().told_at == NOON
    assert not one.cannot_tell(now=NOON + 5 * SECOND)


def test_a_network_that_hangs_holds_no_round_and_is_noticed() -> None:
    released = threading.Event()

    def hang(_: Message) -> None:
        released.wait(20)

    one = teller(Wire(hang))
    overdue()
    started = time.monotonic()
    one.step(now=NOON)
    one.step(now=NOON + 5 * SECOND)
    assert time.monotonic() - started < 1
    assert not one.cannot_tell(now=NOON + 5 * SECOND)
    assert one.cannot_tell(now=NOON + 61 * SECOND)

    released.set()
    assert one._under_way is not None
    assert wait_until(one._under_way.reached.done)
    one.step(now=NOON + 65 * SECOND)
    assert not one.cannot_tell(now=NOON + 65 * SECOND)


def test_all_well_again_is_said_once_after_a_minute_of_calm() -> None:
    wire = Wire()
    one = teller(wire)
    finding = overdue()
    step(one, now=NOON)
    step(one, now=NOON + MINUTE)
    Finding.objects.filter(pk=finding.pk).update(cleared_at=NOON + MINUTE)
    for seconds in range(60, 3600, 5):
        step(one, now=NOON + seconds * SECOND)
    assert wire.by(Channel.SMS)[1:] == ["MonSherif localhost : tout est rentré dans l'ordre."]
    assert beats.last("told_well") == NOON + 2 * MINUTE


def test_what_was_never_told_is_not_called_well() -> None:
    wire = Wire()
    one = teller(wire)
    Finding.objects.create(kind=FindingKind.OVERDUE, found_at=NOON, cleared_at=NOON)
    step(one, now=NOON + 2 * MINUTE)
    assert wire.taken == []


def test_an_auditor_that_was_killed_does_not_say_it_again() -> None:
    wire = Wire()
    first = teller(wire)
    overdue()
    step(first, now=NOON)
    first.step(now=NOON + 5 * SECOND)

    second = teller(wire)
    step(second, now=NOON + 10 * SECOND)
    assert len(wire.by(Channel.SMS)) == 1


def test_without_operators_nobody_is_told() -> None:
    wire = Wire()
    one = teller(wire, operators=())
    overdue()
    step(one, now=NOON)
    assert wire.taken == []
    assert not one.cannot_tell(now=NOON + 2 * MINUTE)


@pytest.mark.parametrize("kind", FindingKind)
def test_every_kind_has_its_sentence(kind: FindingKind) -> None:
    Finding.objects.create(kind=kind, count=2, found_at=NOON)
    wire = Wire()
    step(teller(wire), now=NOON)
    said = wire.by(Channel.SMS)[0]
    assert said.startswith("MonSherif localhost : ")
    assert "%" not in said
    assert len(said) <= 160
