"""A committed click is never lost, and nobody is told more than twice for one occasion."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.db.models import Q
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, claiming, deliveries, dispatch, leases, owners, settling, sweeping
from alerts.domain.deliveries import IN_DOUBT, RESENT, Outcome
from alerts.domain.sending import Sender, own_connections
from alerts.links import fingerprint
from alerts.models import Alert, Contact, Delivery, Event, Link, LinkToken
from alerts.providers.base import Message, Standing
from alerts.providers.console import ConsoleProvider
from alerts.states import AlertState, Channel, ContactState, DeliveryState, EventKind, Gesture, Occasion
from tests.people import AWA, LUCIE, NADIA, THOMAS, YANN, make_marie, make_phone
from tests.telephones import Telephones, fall_silent, refuse
from tests.web import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def telephones() -> Telephones:
    return Telephones()


@pytest.fixture
def start(telephones: Telephones) -> Iterator[Callable[[], Sender]]:
    started: list[Sender] = []

    def new() -> Sender:
        started.append(Sender(dict.fromkeys(Channel, telephones), worker=f"worker-{len(started)}", threads=4))
        return started[-1]

    yield new
    for sender in started:
        sender.close()


def click(gesture: Gesture = Gesture.DOUBLE, *, now: datetime | None = None, drill: bool = False) -> Alert:
    """Marie clicks."""
    now = now or timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=gesture, clicked_at=now, sent_at=now)
    return alerting.receive_click(make_phone(make_marie()), report, now=now, drill=drill).alert


def settled(alert: Alert, *states: DeliveryState, seconds: float = 10) -> set[str]:
    """The states of the alert's deliveries once they are all among these."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = set(Delivery.objects.filter(alert=alert).values_list("state", flat=True))
        if found <= set(states):
            return found
        time.sleep(0.02)
    return set(Delivery.objects.filter(alert=alert).values_list("state", flat=True))


def sweep(sender: Sender, folder: Path, *, now: datetime, seconds: int = 3) -> None:
    """So many sweeps, a second apart: a network that lists nothing is believed a second later."""
    for second in range(seconds):
        sweeping.sweep(sender, folder, now=now + timedelta(seconds=second))


def test_two_clicks_reach_all_five_by_three_ways(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click()
    assert start().deliver(alert.pk, now=timezone.now()) == 15
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}

    assert sorted(message.channel for message in telephones.to(NADIA.phone_number)) == ["sms", "voice"]
    assert len(telephones.to(NADIA.email)) == 1
    assert len(telephones.taken) == 15
    assert Event.objects.filter(alert=alert, kind=EventKind.ACCEPTED).count() == 15
    assert list(Event.objects.filter(alert=alert).values_list("sequence", flat=True)) == list(range(1, 17))
    assert not Delivery.objects.exclude(provider="telephones", leased_until=None, leased_by="").exists()


def test_the_link_of_a_text_is_stored_as_a_hash_alone(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click(Gesture.SINGLE)
    start().deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.ACCEPTED)

    token = telephones.to(NADIA.phone_number)[0].text.partition("/r/")[2].split()[0]
    stored = LinkToken.objects.get(token_hash=fingerprint(token))
    assert stored.link == Link.objects.get(alert=alert, contact__rank=1)
    assert stored.delivery is not None
    assert stored.delivery.channel == Channel.SMS
    assert LinkToken.objects.count() == 5


def test_two_workers_never_claim_the_same_delivery() -> None:
    alert = click()
    now = timezone.now()
    first = claiming.claim(alert.pk, worker="a", now=now)
    second = claiming.claim(alert.pk, worker="b", now=now)

    assert (len(first), len(second)) == (15, 0)
    assert [one.delivery.channel for one in first][:5] == [Channel.SMS] * 5  # texts leave first
    assert all(one.leased_until == now + claiming.LEASE for one in first)


def test_many_workers_at_once_send_each_message_once(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click()
    senders = [start() for _ in range(4)]

    def deliver(sender: Sender) -> None:
        with own_connections():
            sender.deliver(alert.pk, now=timezone.now())

    threads = [threading.Thread(target=deliver, args=(sender,)) for sender in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.taken) == len({message.id for message in telephones.taken}) == 15


def test_a_passing_refusal_is_tried_again_later_and_later(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click(Gesture.SINGLE)
    Delivery.objects.exclude(contact__rank=1).delete()
    Contact.objects.update(by_voice=False, by_email=False)  # nothing else could take over
    sender, now = start(), timezone.now()
    telephones.moods = [refuse(permanent=False)] * 3
    waits = []
    for _ in range(3):
        sender.deliver(alert.pk, now=now)
        assert settled(alert, DeliveryState.DUE) == {DeliveryState.DUE}
        delivery = Delivery.objects.get()
        waits.append(round((delivery.not_before - timezone.now()).total_seconds()))
        assert sender.deliver(alert.pk, now=timezone.now()) == 0
        Delivery.objects.update(not_before=now)
    assert waits == [2, 4, 8]
    sender.deliver(alert.pk, now=timezone.now())
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert Delivery.objects.get().attempts == 4


@pytest.mark.parametrize(
    ("attempts", "said", "seconds"),
    [(1, None, 2), (1, 0.0, 2), (1, 7.0, 7), (3, 7.0, 8), (1, 3600.0, 60), (99, 1.0, 60)],
)
def test_a_network_that_says_when_is_asked_then_and_never_later_than_a_minute(
    attempts: int, said: float | None, seconds: int
) -> None:
    now = timezone.now()
    assert deliveries.next_attempt(attempts, now=now, retry_after=said) == now + timedelta(seconds=seconds)


def test_a_refusal_for_good_is_said_and_not_repeated(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click(Gesture.SINGLE)
    Contact.objects.update(by_voice=False, by_email=False)  # nothing else could take over
    telephones.moods = [refuse(permanent=True)]
    start().deliver(alert.pk, now=timezone.now())

    assert settled(alert, DeliveryState.ACCEPTED, DeliveryState.FAILED) == {"accepted", "failed"}
    assert Delivery.objects.get(state=DeliveryState.FAILED).error_code == "no"
    assert Event.objects.filter(alert=alert, kind=EventKind.FAILED).count() == 1


@pytest.mark.parametrize("taken", [True, False])
def test_in_doubt_the_network_is_asked_before_sending_again(
    *, taken: bool, telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click(Gesture.SINGLE)
    Delivery.objects.exclude(contact__rank=1).delete()
    sender = start()
    telephones.moods = [telephones.take_and_fall_silent if taken else fall_silent]
    sender.deliver(alert.pk, now=timezone.now())
    assert settled(alert, DeliveryState.UNKNOWN) == {DeliveryState.UNKNOWN}

    sweep(sender, tmp_path, now=timezone.now())
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.to(NADIA.phone_number)) == 1
    kinds = list(Event.objects.filter(alert=alert).values_list("kind", flat=True))
    assert kinds == [EventKind.OPENED, EventKind.UNKNOWN, EventKind.ACCEPTED]


def test_a_network_that_cannot_be_asked_is_waited_for_then_the_message_goes_again(
    telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click(Gesture.SINGLE)
    Delivery.objects.exclude(contact__rank=1).delete()
    sender, telephones.reachable = start(), False
    telephones.moods = [telephones.take_and_fall_silent]
    sender.deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.UNKNOWN)

    sweeping.sweep(sender, tmp_path, now=timezone.now())
    assert settled(alert, DeliveryState.UNKNOWN) == {DeliveryState.UNKNOWN}
    sweeping.sweep(sender, tmp_path, now=timezone.now() + settling.ASK_FOR)
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.to(NADIA.phone_number)) == 2


def test_a_mail_that_nobody_can_tell_of_goes_twice_and_never_a_third_time(
    telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click()
    Delivery.objects.exclude(contact__rank=1, channel=Channel.EMAIL).delete()
    sender, telephones.can_tell = start(), False
    telephones.moods = [telephones.take_and_fall_silent] * 9
    sender.deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.UNKNOWN)
    for _ in range(4):
        sweeping.sweep(sender, tmp_path, now=timezone.now())
        settled(alert, DeliveryState.UNKNOWN)

    assert len(telephones.to(NADIA.email)) == 2
    assert Delivery.objects.get().error_code == IN_DOUBT


def test_the_sweeper_finds_what_nobody_woke_a_worker_for(
    telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click()
    sweeping.sweep(start(), tmp_path, now=timezone.now())
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.taken) == 15


def test_the_leases_of_a_dead_worker_come_back_at_once_and_those_of_a_living_one_stay(
    telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click()
    now = timezone.now()
    with owners.named(tmp_path) as living:
        claiming.claim(alert.pk, worker=living, now=now)
        sweeping.sweep(start(), tmp_path, now=now)
        assert settled(alert, DeliveryState.SENDING) == {DeliveryState.SENDING}
        lock = tmp_path / "workers" / f"{living}.lock"
        kept = lock.read_bytes()
    lock.write_bytes(kept)  # the kernel let go of the lock and nobody removed the file: that is how a kill looks

    sweep(start(), tmp_path, now=now)
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.taken) == 15
    assert not lock.exists()


def test_the_leases_of_another_machine_come_back_when_they_are_over(
    telephones: Telephones, start: Callable[[], Sender], tmp_path: Path
) -> None:
    alert = click(Gesture.SINGLE)
    now = timezone.now()
    claiming.claim(alert.pk, worker="elsewhere.1.abcd", now=now)
    sender = start()
    sweeping.sweep(sender, tmp_path, now=now + claiming.LEASE - timedelta(seconds=1))
    assert settled(alert, DeliveryState.SENDING) == {DeliveryState.SENDING}
    sweep(sender, tmp_path, now=now + claiming.LEASE)
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(telephones.taken) == 5


def test_a_worker_that_wakes_up_after_its_lease_sends_nothing(
    telephones: Telephones, start: Callable[[], Sender]
) -> None:
    alert = click(Gesture.SINGLE)
    asleep = timezone.now() - claiming.LEASE
    Delivery.objects.update(not_before=asleep)
    sender = start()
    sender.deliver(alert.pk, now=asleep)
    assert settled(alert, DeliveryState.DUE) == {DeliveryState.DUE}
    assert telephones.taken == []


def test_a_late_worker_does_not_undo_what_another_did() -> None:
    alert = click(Gesture.SINGLE)
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="late", now=now)[0].delivery
    leases.give_up(Q(leased_by="late"), now=now)
    again = Outcome(delivery=claimed.pk, alert=alert.pk, to=DeliveryState.DUE, leased_by="late", not_before=now)
    assert deliveries.record([again], now=now) == 0
    assert Delivery.objects.get(pk=claimed.pk).state == DeliveryState.UNKNOWN


def test_a_contact_who_was_cut_off_gets_nothing_more(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click()
    Link.objects.filter(contact__rank=1).update(cut_off_at=timezone.now())
    start().deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.ACCEPTED, DeliveryState.FAILED)

    assert telephones.to(NADIA.phone_number) == telephones.to(NADIA.email) == []
    assert len(telephones.to(THOMAS.phone_number)) == 2


@pytest.mark.parametrize("state", [ContactState.DECLINED, ContactState.WITHDRAWN, ContactState.DECOY])
def test_a_contact_who_left_before_a_retry_gets_nothing(
    state: ContactState, telephones: Telephones, start: Callable[[], Sender]
) -> None:
    alert = click(Gesture.SINGLE)
    Contact.objects.filter(rank=1).update(state=state)
    start().deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.ACCEPTED, DeliveryState.FAILED)
    assert telephones.to(NADIA.phone_number) == []


def test_after_the_end_nobody_gets_a_dead_link_and_everybody_who_was_told_reads_the_end(
    telephones: Telephones, start: Callable[[], Sender]
) -> None:
    alert = click(Gesture.SINGLE)
    Delivery.objects.filter(contact__rank=1).update(not_before=timezone.now() + timedelta(minutes=1))
    start().deliver(alert.pk, now=timezone.now())
    assert until(lambda: Delivery.objects.filter(state=DeliveryState.ACCEPTED).count() == 4)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    Delivery.objects.filter(contact__rank=1).update(not_before=timezone.now())
    start().deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.ACCEPTED, DeliveryState.FAILED)

    after = telephones.taken[4:]
    assert {message.text[:10] for message in after} == {"FIN Marie ", "END Marie "}
    assert sorted(message.to for message in after) == sorted(one.phone_number for one in (THOMAS, AWA, LUCIE, YANN))
    nadias = dict(Delivery.objects.filter(contact__rank=1).values_list("occasion", "error_code"))
    assert nadias == {Occasion.CLICK: "alert_over", Occasion.END: "untold"}


def test_a_drill_says_so_to_everybody(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click(drill=True)
    start().deliver(alert.pk, now=timezone.now())
    settled(alert, DeliveryState.ACCEPTED)
    assert all(
        message.text.startswith(("EXERCICE", "DRILL", "Ceci est un ex", "This is a dr")) for message in telephones.taken
    )


def test_closing_a_sender_sends_and_records_what_it_claimed(telephones: Telephones) -> None:
    alert = click()
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=2)
    telephones.moods = [lambda _: time.sleep(0.05)] * 15
    sender.deliver(alert.pk, now=timezone.now())
    sender.close()
    assert settled(alert, DeliveryState.ACCEPTED, seconds=0.1) == {DeliveryState.ACCEPTED}


def test_a_wake_up_that_is_lost_stops_no_click(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    dispatch.queue().huey.storage.close()
    dispatch.queue.cache_clear()
    settings.SHERIF = replace(settings.SHERIF, database_url="postgresql://nobody@127.0.0.1:1/none")
    try:
        alert = click()
    finally:
        dispatch.queue.cache_clear()
    assert Delivery.objects.filter(alert=alert, state=DeliveryState.DUE).count() == 15
    assert "was lost" in caplog.text


def test_a_kill_between_acceptance_and_record_costs_no_second_copy(start: Callable[[], Sender], tmp_path: Path) -> None:
    alert = click(Gesture.SINGLE)
    outbox = ConsoleProvider(tmp_path)
    killed = Sender(dict.fromkeys(Channel, outbox), worker="killed", threads=2)
    now = timezone.now()
    for one in claiming.claim(alert.pk, worker="killed", now=now):
        message = Message(id=one.delivery.pk, channel=Channel.SMS, to=NADIA.phone_number, name="Nadia", text="x")
        outbox.send(message)  # and the process dies here
    survivor = Sender(dict.fromkeys(Channel, outbox), worker="survivor", threads=2)
    sweeping.sweep(survivor, tmp_path, now=now + claiming.LEASE)
    assert settled(alert, DeliveryState.ACCEPTED) == {DeliveryState.ACCEPTED}
    assert len(outbox.entries()) == 5
    killed.close()
    survivor.close()
    outbox.close()


def test_a_receipt_that_outran_our_record_leaves_the_networks_name_behind() -> None:
    alert = click(Gesture.SINGLE)
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="w", now=now)[0].delivery
    deliveries.receive_receipt(claimed.pk, Standing(state=DeliveryState.DELIVERED), now=now)
    ours = Outcome(delivery=claimed.pk, alert=alert.pk, to=DeliveryState.ACCEPTED, provider="twilio", provider_id="SM1")
    assert deliveries.record([ours], now=now) == 0
    found = Delivery.objects.get(pk=claimed.pk)
    assert (found.state, found.provider_id) == (DeliveryState.DELIVERED, "SM1")


def test_a_receipt_for_nobody_changes_nothing() -> None:
    unknown = UUID(int=1)
    standing = Standing(state=DeliveryState.DELIVERED, provider="twilio", provider_id="SM1")
    assert not deliveries.receive_receipt(unknown, standing, now=timezone.now())


def test_a_message_that_was_sent_again_says_why(telephones: Telephones, start: Callable[[], Sender]) -> None:
    alert = click(Gesture.SINGLE)
    Delivery.objects.exclude(contact__rank=1).delete()
    claiming.claim(alert.pk, worker="w", now=timezone.now())
    leases.give_up(Q(leased_by="w"), now=timezone.now())
    settling.settle_unknown(start(), now=timezone.now() + timedelta(seconds=settling.BELIEVE_AFTER[0]))
    assert Delivery.objects.get().error_code == RESENT
    assert Delivery.objects.get().state == DeliveryState.DUE


def test_an_outcome_of_what_she_erased_meanwhile_stops_no_other() -> None:
    alert = click(Gesture.SINGLE)
    now = timezone.now()
    claimed = claiming.claim(alert.pk, worker="w", now=now)
    Delivery.objects.filter(pk=claimed[0].delivery.pk).delete()
    outcomes = [Outcome(delivery=one.delivery.pk, alert=alert.pk, to=DeliveryState.ACCEPTED) for one in claimed]

    assert deliveries.record(outcomes, now=now) == 4
    alert.delete()
    assert deliveries.record(outcomes, now=now) == 0


def test_a_contact_whom_nobody_can_read_holds_back_no_other_lease_of_a_dead_worker() -> None:
    alert = click(Gesture.SINGLE)
    claiming.claim(alert.pk, worker="dead", now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE alerts_contact SET name = 'lost' WHERE id = (SELECT min(id) FROM alerts_contact)")

    leases.give_up(Q(leased_by="dead"), now=timezone.now())

    held = Delivery.objects.filter(state=DeliveryState.SENDING)
    assert set(held.values_list("contact__rank", flat=True)) == {1}
    assert Delivery.objects.filter(state=DeliveryState.UNKNOWN).count() == 4
