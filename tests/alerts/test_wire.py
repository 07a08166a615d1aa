"""After a kill -9 the notes of the dead say what was never begun, what was taken, and what is in doubt."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from alerts.domain import alerting, claiming, leases, owners, sweeping, wire
from alerts.domain.sending import Sender
from alerts.domain.wire import Wire
from alerts.models import Alert, Delivery
from alerts.providers.base import Receipt
from alerts.providers.mailbox import MailboxProvider
from alerts.providers.mailbox import Mailserver as Relay
from alerts.states import Channel, DeliveryState, Gesture
from tests.mailserver import Mailserver
from tests.people import NADIA, make_marie, make_phone
from tests.server import ROOT, free_port
from tests.telephones import Telephones, refuse

FIRST, SECOND, THIRD = UUID(int=1), UUID(int=2), UUID(int=3)
TAKEN = Receipt(provider="twilio", provider_id="SM" + "0" * 32)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.wire"


def test_what_was_begun_taken_and_written_down_is_told_apart(path: Path) -> None:
    notes = Wire(path)
    for delivery in (FIRST, SECOND, THIRD):
        notes.begin(delivery)
    notes.taken(SECOND, TAKEN)
    notes.forget(THIRD)
    assert wire.read(path) == {FIRST: None, SECOND: TAKEN}
    notes.close()
    assert wire.read(path) is None


def test_a_longest_name_of_a_message_fits(path: Path) -> None:
    notes = Wire(path)
    longest = Receipt(provider="p" * 20, provider_id="i" * 80)  # the columns of a delivery
    notes.begin(FIRST)
    notes.taken(FIRST, longest)
    assert wire.read(path) == {FIRST: longest}


def test_two_attempts_at_the_same_message_are_forgotten_when_both_are_over(path: Path) -> None:
    notes = Wire(path)
    notes.begin(FIRST)
    notes.begin(FIRST)
    notes.forget(FIRST)
    assert wire.read(path) == {FIRST: None}
    notes.forget(FIRST)
    assert wire.read(path) == {}
    notes.forget(FIRST)  # nothing to forget


def test_places_are_used_again(path: Path) -> None:
    notes = Wire(path)
    size = path.stat().st_size
    for _ in range(3000):
        delivery = uuid4()
        notes.begin(delivery)
        notes.forget(delivery)
    notes.begin(FIRST)
    assert wire.read(path) == {FIRST: None}
    assert path.stat().st_size == size


def test_notes_that_overflow_are_not_believed(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notes = Wire(path)
    for _ in range(1025):
        notes.begin(uuid4())
    assert wire.read(path) is None
    assert "given up" in caplog.text
    notes.taken(FIRST, TAKEN)  # and the worker goes on


def test_notes_of_an_earlier_boot_are_not_believed(path: Path) -> None:
    """A power cut may have lost the last of them."""
    notes = Wire(path)
    notes.begin(FIRST)
    with path.open("r+b") as file:
        file.write(b"6b7c2f9a-0000-4000-8000-000000000000")
    assert wire.read(path) is None


@pytest.mark.parametrize("left", [b"", b"\xff\xfe", b"not a boot\n", wire.boot().encode() + b"\nnot an id\n"])
def test_notes_that_cannot_be_read_are_not_believed(path: Path, left: bytes) -> None:
    path.write_bytes(left)
    assert wire.read(path) is None


def test_a_worker_on_a_full_disk_goes_on_without_notes(path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ON_A_FULL_DISK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "went on"
    assert not path.exists()


_ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from uuid import uuid4
from alerts.domain.wire import Wire
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
notes = Wire(Path(sys.argv[1]))
delivery = uuid4()
notes.begin(delivery)
notes.forget(delivery)
notes.close()
print("went on")
"""


@pytest.mark.django_db(transaction=True)
def test_a_kill_leaves_in_doubt_only_what_was_under_way(tmp_path: Path) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=now).alert
    with owners.named(tmp_path) as killed:
        notes = Wire(owners.notes(tmp_path, killed))
        claimed = [one.delivery.pk for one in claiming.claim(alert.pk, worker=killed, now=now)]
        under_way, taken, refused, *never_begun = claimed
        for delivery in (under_way, taken, refused):
            notes.begin(delivery)
        notes.taken(taken, TAKEN)
        notes.forget(refused)
        lock = owners.notes(tmp_path, killed).with_suffix(".lock")
        kept = lock.read_bytes()
    lock.write_bytes(kept)  # a kill: the lock is free, the files are there

    sweeping.reclaim(tmp_path, now=now)

    assert states(alert) == {under_way: "unknown", taken: "accepted", **dict.fromkeys([refused, *never_begun], "due")}
    assert Delivery.objects.get(pk=taken).provider_id == TAKEN.provider_id
    assert dict(Delivery.objects.values_list("pk", "doubts")) == {pk: int(pk == under_way) for pk in claimed}
    assert list((tmp_path / "workers").iterdir()) == []


@pytest.mark.django_db(transaction=True)
def test_a_message_that_was_taken_is_not_sent_again_though_its_lease_was_given_up(tmp_path: Path) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=now).alert
    one, *_ = claiming.claim(alert.pk, worker="w", now=now)
    sweeping.reclaim(tmp_path, now=now + claiming.LEASE)
    assert states(alert)[one.delivery.pk] == DeliveryState.UNKNOWN
    leases.come_back("w", {one.delivery.pk: TAKEN}, now=now)
    assert states(alert)[one.delivery.pk] == DeliveryState.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_a_sender_leaves_no_note_of_what_it_recorded(tmp_path: Path, path: Path) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=now).alert
    telephones = Telephones()
    noted: list[bool] = []
    telephones.moods = [
        telephones.take_and_fall_silent,
        refuse(permanent=False),
        lambda message: noted.append(message.id in (wire.read(path) or {})),
    ]
    sender = Sender(dict.fromkeys(Channel, telephones), worker="w", threads=1, wire=Wire(path))
    sender.deliver(alert.pk, now=now)
    sender.close()
    assert wire.read(path) == {}
    assert noted == [True]  # before it left
    assert set(states(alert).values()) == {"accepted", "unknown", "due"}


class Listening(Mailserver):
    """A mail server that looks at our notes at each step of the conversation."""

    def __init__(self, port: int, notes: Path) -> None:
        super().__init__(port)
        self.notes = notes
        self.noted: dict[str, int] = {}

    async def handle_RCPT(self, *given: Any) -> str:  # noqa: N802 - the library names it
        """Nothing was said yet that could not be taken back."""
        self.noted["RCPT"] = len(wire.read(self.notes) or {})
        return await super().handle_RCPT(*given)

    async def handle_DATA(self, *given: Any) -> str:  # noqa: N802
        """The whole text is here, with its final dot."""
        self.noted["DATA"] = len(wire.read(self.notes) or {})
        return await super().handle_DATA(*given)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("answer", ["", "451 4.3.0 later"])
def test_a_kill_before_the_final_dot_of_a_mail_leaves_no_doubt(answer: str, path: Path) -> None:
    """Of a mail nobody can be asked: twice in doubt, it could not go again, and might have reached nobody."""
    server = Listening(free_port(), path)
    if answer:
        server.refuse("DATA", answer)
    controller = Controller(server, hostname="127.0.0.1", port=server.port, server_hostname="localhost")
    controller.start()
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=now, sent_at=now)
    alert = alerting.receive_click(make_phone(make_marie(relatives=(NADIA,))), report, now=now).alert
    alert.deliveries.exclude(channel=Channel.EMAIL).delete()
    mail = MailboxProvider(Relay.read(server.url, sender_host="sos.exmpl.fr"))
    sender = Sender(dict.fromkeys(Channel, mail), worker="w", threads=1, wire=Wire(path))
    sender.deliver(alert.pk, now=now)
    sender.close()
    controller.stop()
    assert server.noted == {"RCPT": 0, "DATA": 1}
    assert wire.read(path) == {}
    assert set(states(alert).values()) == {"due" if answer else "accepted"}


def states(alert: Alert) -> dict[UUID, str]:
    return dict(alert.deliveries.values_list("pk", "state"))
