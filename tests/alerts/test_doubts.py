"""In doubt, ask: nobody gets a third copy, nobody is forgotten, and a network that hangs holds up nobody else."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from alerts.domain import alerting, claiming, deliveries, owners, responding, settling, sweeping
from alerts.domain.deliveries import IN_DOUBT, Outcome
from alerts.domain.questions import Answer
from alerts.domain.sending import Sender, own_connections
from alerts.models import Alert, Contact, Delivery, Ladder, Link
from alerts.providers.base import Receipt, Sought, Standing
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import AlertState, Channel, DeliveryState, Gesture
from tests import twilio
from tests.people import NADIA, RELATIVES, make_contact, make_marie, make_phone
from tests.telephones import Telephones, fall_silent, refuse

pytestmark = pytest.mark.django_db(transaction=True)
SECOND = timedelta(seconds=1)


@pytest.fixture
def telephones() -> Telephones:
    return Telephones()


@pytest.fixture
def sender(telephones: Telephones) -> Iterator[Sender]:
    started = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=4)
    yield started
    started.close()


def click(gesture: Gesture = Gesture.SINGLE, *, username: str = "marie") -> Alert:
    """A victim whose only relative is Nadia clicks."""
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    victim = make_marie(username, relatives=(NADIA,))
    return alerting.receive_click(make_phone(victim, username, username), report, now=now).alert


def text_of(alert: Alert) -> Delivery:
    """The one text to Nadia."""
    return alert.deliveries.get(channel=Channel.SMS, contact__rank=1)


def copies(telephones: Telephones, delivery: Delivery) -> int:
    """How often the network took this very message; another way, or a later round, is another message."""
    return [message.id for message in telephones.taken].count(delivery.pk)


def at_rest(alert: Alert) -> None:
    """Return when no thread holds a message of this alert any more."""
    end = time.monotonic() + 10
    while alert.deliveries.filter(state=DeliveryState.SENDING).exists():
        assert time.monotonic() < end
        time.sleep(0.005)


def live(alert: Alert, sender: Sender, folder: Path, *, start: datetime, seconds: int, step: int = 1) -> datetime:
    """Let so much time pass, with a sweep at each step; when it ends."""
    for second in range(0, seconds, step):
        sweeping.sweep(sender, folder, now=start + second * SECOND)
        at_rest(alert)
    return start + seconds * SECOND


def test_a_text_twice_in_doubt_rests_until_the_network_can_be_asked(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.reachable = False
    telephones.moods = [telephones.take_and_fall_silent] * 9
    later = live(alert, sender, tmp_path, start=timezone.now(), seconds=600, step=2)

    assert len(telephones.taken) == 2
    resting = text_of(alert)
    assert (resting.state, resting.error_code, resting.doubts) == (DeliveryState.UNKNOWN, IN_DOUBT, 2)
    telephones.reachable = True
    live(alert, sender, tmp_path, start=later, seconds=6)
    assert text_of(alert).state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 2


def test_a_resting_text_is_asked_about_more_and_more_seldom_but_for_one_probe(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.reachable = False
    telephones.moods = [telephones.take_and_fall_silent] * 2
    live(alert, sender, tmp_path, start=timezone.now(), seconds=120)
    assert len(telephones.asked) <= 120 / 4 + 3
    pauses = [settling.pause(timedelta(seconds=age)) for age in (1, 60, 600, 86_400)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=6)


def test_a_refusal_in_between_does_not_make_anybody_forget_the_first_doubt(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.reachable = False
    telephones.moods = [telephones.take_and_fall_silent, refuse(permanent=False), telephones.take_and_fall_silent]
    live(alert, sender, tmp_path, start=timezone.now(), seconds=120)
    assert len(telephones.taken) == 2
    assert text_of(alert).doubts == 2


def test_a_text_that_the_network_certainly_has_not_goes_again_however_often(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.moods = [fall_silent] * 4
    live(alert, sender, tmp_path, start=timezone.now(), seconds=90)
    assert text_of(alert).state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 1


def test_a_list_that_lags_behind_is_not_believed_at_once(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.moods = [fall_silent]
    start = timezone.now()
    live(alert, sender, tmp_path, start=start, seconds=1)
    telephones.take_late(text_of(alert).pk)  # it was under way, and arrives now
    live(alert, sender, tmp_path, start=start + SECOND, seconds=5)
    assert text_of(alert).state == DeliveryState.ACCEPTED
    assert len(telephones.taken) == 1


def test_a_mail_goes_once_more_at_most(telephones: Telephones, sender: Sender, tmp_path: Path) -> None:
    alert = click(Gesture.DOUBLE)
    alert.deliveries.exclude(channel=Channel.EMAIL).delete()
    Ladder.objects.all().delete()  # who is rung again is another story
    telephones.can_tell = False
    telephones.moods = [telephones.take_and_fall_silent, refuse(permanent=False), fall_silent]
    live(alert, sender, tmp_path, start=timezone.now(), seconds=300, step=3)
    resting = alert.deliveries.get()
    assert (resting.state, resting.error_code) == (DeliveryState.UNKNOWN, IN_DOUBT)
    assert len(telephones.taken) == 1
    assert len(telephones.asked) == 2


def test_a_receipt_stops_the_second_copy(telephones: Telephones, sender: Sender, tmp_path: Path) -> None:
    alert = click()
    telephones.reachable = False
    telephones.moods = [telephones.take_and_fall_silent] + [refuse(permanent=False)] * 20
    later = live(alert, sender, tmp_path, start=timezone.now(), seconds=30)
    waiting = text_of(alert)
    assert waiting.state == DeliveryState.DUE
    standing = Standing(state=DeliveryState.DELIVERED, provider="telephones", provider_id=f"T{waiting.pk}")
    assert deliveries.receive_receipt(waiting.pk, standing, now=later)

    telephones.moods.clear()
    live(alert, sender, tmp_path, start=later, seconds=90)
    assert text_of(alert).state == DeliveryState.DELIVERED
    assert copies(telephones, waiting) == 1


def test_a_link_that_was_opened_stops_the_second_copy(telephones: Telephones, sender: Sender, tmp_path: Path) -> None:
    alert = click()
    telephones.reachable = False
    telephones.moods = [telephones.take_and_fall_silent] + [refuse(permanent=False)] * 20
    later = live(alert, sender, tmp_path, start=timezone.now(), seconds=30)
    responding.open_link(Link.objects.get(alert=alert), text_of(alert), now=later)

    telephones.moods.clear()
    live(alert, sender, tmp_path, start=later, seconds=90)
    assert text_of(alert).state == DeliveryState.OPENED
    assert copies(telephones, text_of(alert)) == 1


def test_a_receipt_that_names_the_message_answers_the_question(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.moods = [telephones.take_and_fall_silent]
    start = timezone.now()
    sender.deliver(alert.pk, now=start)
    at_rest(alert)
    failed = Standing(state=DeliveryState.FAILED, code="30003", provider="telephones", provider_id="T1")
    assert not deliveries.receive_receipt(text_of(alert).pk, failed, now=start)  # not from unknown

    live(alert, sender, tmp_path, start=start + SECOND, seconds=1)
    assert (text_of(alert).state, text_of(alert).provider_id) == (DeliveryState.ACCEPTED, "T1")
    assert telephones.asked == []


def test_a_frozen_worker_that_sent_after_all_stops_the_second_copy() -> None:
    alert = click()
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="frozen", now=now)[0].delivery
    sweeping.reclaim(Path("/nowhere"), now=now + claiming.LEASE)
    again = Outcome(delivery=claimed.pk, alert=alert.pk, to=DeliveryState.DUE, not_before=now)
    deliveries.record([again], now=now)
    thawed = Outcome(delivery=claimed.pk, alert=alert.pk, to=DeliveryState.ACCEPTED, provider="t", provider_id="T1")
    assert deliveries.record([thawed], now=now) == 1
    assert claiming.claim(alert.pk, worker="other", now=now + SECOND) == []


def test_an_answer_that_comes_late_moves_nothing_that_left_again_meanwhile() -> None:
    """A worker asked, was frozen, and thaws; another one asked too, and sends the second copy at this very moment."""
    alert = click()
    Delivery.objects.update(state=DeliveryState.UNKNOWN, doubts=1, moved_at=timezone.now() - 30 * SECOND)
    now = timezone.now()
    late, first = (Answer(delivery=text_of(alert)) for _ in range(2))
    settling.settle([first], now=now)
    assert len(claiming.claim(alert.pk, worker="other", now=now)) == 1
    settling.settle([late], now=now + SECOND)
    assert text_of(alert).state == DeliveryState.SENDING
    assert claiming.claim(alert.pk, worker="third", now=now + SECOND) == []


def test_what_a_dead_worker_was_asking_is_asked_at_once(telephones: Telephones, sender: Sender, tmp_path: Path) -> None:
    alert = click()
    now = timezone.now()
    asking, minutes_ago = now + 9 * SECOND, now - 300 * SECOND
    Delivery.objects.update(
        state=DeliveryState.UNKNOWN, doubts=1, moved_at=minutes_ago, not_before=asking, asked_at=now - SECOND
    )
    with owners.named(tmp_path) as killed:
        lock = owners.notes(tmp_path, killed).with_suffix(".lock")
        kept = lock.read_bytes()
    lock.write_bytes(kept)  # a kill: the lock is free, the file is there
    live(alert, sender, tmp_path, start=now, seconds=2)
    assert text_of(alert).state == DeliveryState.ACCEPTED


class Slow(Telephones):
    """Answers each question after a while."""

    def find(self, sought: Sought) -> Receipt | None:
        time.sleep(0.2)
        return super().find(sought)


def test_while_a_network_answers_and_more_is_in_doubt_no_sweep_pauses() -> None:
    """After a restart hundreds may be in doubt, and ten seconds are left for all of them."""
    slow = Slow()
    sender = Sender(dict.fromkeys(Channel, slow), worker="w", threads=1)
    for number in range(20):
        click(username=f"victim{number}")
    now = timezone.now()
    Delivery.objects.update(state=DeliveryState.UNKNOWN, doubts=1, moved_at=now - 30 * SECOND)

    def presses_on() -> bool:
        settling.settle_unknown(sender, now=now)
        return sender.questions.hurry

    assert presses_on()
    slow.reachable = False  # a network that says nothing is pressed for nothing
    end = time.monotonic() + 20
    while presses_on():
        assert time.monotonic() < end
    sender.close()


@pytest.mark.parametrize(
    ("moods", "calls"), [(["reset", "reset"], 2), (["drop", "reset"], 3), (["reset", "drop"], 3), (["drop", "drop"], 2)]
)
def test_two_calls_to_one_number_are_not_taken_for_each_other(moods: list[str], calls: int, tmp_path: Path) -> None:
    """The on-call line is a relative of many. Where the list tells of fewer calls than are in doubt, both go again."""
    clicked = [click(Gesture.DOUBLE, username=name) for name in ("marie", "sophie")]
    Delivery.objects.exclude(channel=Channel.VOICE).delete()
    with twilio.network() as network:
        network.moods = list(moods)
        way = TwilioProvider(
            Credentials(
                account_sid=twilio.ACCOUNT,
                auth_token=twilio.TOKEN,
                sms_sender="MonSherif",
                voice_number="+33199001234",
                url=network.url,
            )
        )
        sender = Sender(dict.fromkeys(Channel, way), worker="w", threads=1)
        for alert in clicked:
            sender.deliver(alert.pk, now=timezone.now())
            at_rest(alert)
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.UNKNOWN}
        start = timezone.now() + SECOND
        for second in range(8):
            sweeping.sweep(sender, tmp_path, now=start + second * SECOND)
            for alert in clicked:
                at_rest(alert)
        sender.close()
        assert set(Delivery.objects.values_list("state", flat=True)) == {DeliveryState.ACCEPTED}
        assert len(set(Delivery.objects.values_list("provider_id", flat=True))) == 2
        rung = Counter(taken.form["StatusCallback"] for taken in network.to(NADIA.phone_number))
        assert (len(rung), rung.total()) == (2, calls)
        assert max(rung.values()) <= 2


def test_a_call_that_is_on_its_way_is_not_taken_for_the_one_in_doubt(tmp_path: Path) -> None:
    doubtful, coming = (click(Gesture.DOUBLE, username=name) for name in ("marie", "sophie"))
    Delivery.objects.exclude(channel=Channel.VOICE).delete()
    doubtful.deliveries.update(state=DeliveryState.UNKNOWN, doubts=1)
    now = timezone.now() + SECOND
    claiming.claim(coming.pk, worker="elsewhere", now=now)
    telephones = Telephones()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1)
    sweeping.sweep(sender, tmp_path, now=now)
    assert telephones.asked == []
    coming.deliveries.update(state=DeliveryState.ACCEPTED, leased_until=None, provider_id="T1")
    live(doubtful, sender, tmp_path, start=now + SECOND, seconds=3)
    sender.close()
    assert len(telephones.asked) == 1
    assert telephones.asked[0].taken_ids == {"T1"}


class Hanging(Telephones):
    """Takes messages and answers no question until it is let go."""

    SECONDS = 30.0

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def find(self, sought: Sought) -> Receipt | None:
        self.let_go.wait(self.SECONDS)
        return super().find(sought)


def test_a_network_that_hangs_when_asked_holds_up_neither_the_sweep_nor_other_channels(tmp_path: Path) -> None:
    hanging, well = Hanging(), Telephones()
    sender = Sender({Channel.SMS: hanging, Channel.VOICE: well, Channel.EMAIL: well}, worker="w", threads=4)
    victim = make_marie(relatives=())
    for rank, person in enumerate(RELATIVES, start=1):
        make_contact(victim, person, rank=rank)
    alert = Alert.objects.create(
        id=uuid4(), victim=victim, kind="rescue", opened_at=timezone.now(), expires_at=timezone.now() + 99 * SECOND
    )
    now = timezone.now()
    Link.objects.bulk_create(
        [Link(alert=alert, contact=contact, place=uuid4().hex) for contact in Contact.objects.filter(victim=victim)]
    )
    doubtful = [
        Delivery(
            id=uuid4(),
            alert=alert,
            contact=contact,
            channel=channel,
            occasion=occasion,
            state=DeliveryState.UNKNOWN,
            doubts=1,
            created_at=now,
            not_before=now,
            moved_at=now - 2 * SECOND,
        )
        for contact in victim.contacts.all()
        for channel in (Channel.SMS, Channel.VOICE)
        for occasion in ("click", "upgrade", "upgrade_2")
    ]
    Delivery.objects.bulk_create(doubtful)
    try:
        called = alert.deliveries.filter(channel=Channel.VOICE)
        rounds: list[float] = []
        while called.exclude(state=DeliveryState.ACCEPTED).exists():
            began = time.monotonic()
            sweeping.sweep(sender, tmp_path, now=now + len(rounds) * SECOND)
            rounds.append(time.monotonic() - began)
            assert len(rounds) < 30, "the calls wait for the messages"

        assert max(rounds) < Hanging.SECONDS / 3, "a round waited for a network that hangs"
        assert set(alert.deliveries.filter(channel=Channel.SMS).values_list("state", flat=True)) == {"unknown"}
    finally:
        hanging.let_go.set()
        sender.close()


def test_two_workers_do_not_ask_about_the_same_message(tmp_path: Path) -> None:
    alert = click()
    Delivery.objects.update(state=DeliveryState.UNKNOWN, doubts=1)
    telephones = Telephones()
    telephones.reachable = False
    senders = [Sender(dict.fromkeys(Channel, telephones), worker=f"w{number}", threads=1) for number in range(3)]
    now = timezone.now()

    def settle(sender: Sender) -> None:
        with own_connections():
            settling.settle_unknown(sender, now=now)

    threads = [threading.Thread(target=settle, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for sender in senders:
        sender.close()
    assert [sought.id for sought in telephones.asked] == [text_of(alert).pk]


def test_what_is_in_doubt_when_the_alert_ends_goes_to_nobody(
    telephones: Telephones, sender: Sender, tmp_path: Path
) -> None:
    alert = click()
    telephones.moods = [fall_silent]
    start = timezone.now()
    sender.deliver(alert.pk, now=start)
    at_rest(alert)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=start)
    live(alert, sender, tmp_path, start=start, seconds=5)
    assert [message.text[:3] for message in telephones.taken] == ["FIN"]


MOODS = ("well", "taken in silence", "lost in silence", "refused")


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.lists(st.tuples(st.sampled_from(MOODS), st.booleans(), st.sampled_from([1, 4, 25])), max_size=6))
def test_whatever_a_network_does_there_is_one_copy_at_least_and_two_at_most(
    days: list[tuple[str, bool, int]], tmp_path: Path
) -> None:
    alert = click(username=uuid4().hex)
    telephones = Telephones()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1)
    moods = {
        "taken in silence": telephones.take_and_fall_silent,
        "lost in silence": fall_silent,
        "refused": refuse(permanent=False),
    }
    now = timezone.now()
    for mood, reachable, seconds in days:
        telephones.moods = [moods[mood]] * 99 if mood in moods else []
        telephones.reachable = reachable
        now = live(alert, sender, tmp_path, start=now, seconds=seconds, step=max(1, seconds // 5))
    telephones.moods, telephones.reachable = [], True
    live(alert, sender, tmp_path, start=now, seconds=60, step=4)
    sender.close()
    taken = Counter(message.id for message in telephones.taken)  # where texts are refused, a mail and a call go beside
    assert set(taken) == set(alert.deliveries.values_list("pk", flat=True))
    assert max(taken.values()) <= 2
    assert set(alert.deliveries.values_list("state", flat=True)) == {DeliveryState.ACCEPTED}
    alert.victim.account.delete()
