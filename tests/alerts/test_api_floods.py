"""One phone that clicks without end: the others are served, and nothing that would tell anybody anything is refused."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from alerts.api import gates
from alerts.api.gates import FloodError, PhoneGate
from alerts.domain import alerting
from alerts.models import Alert, Click, Phone
from alerts.providers.console import ConsoleProvider
from alerts.states import AlertKind, Gesture
from tests.people import NOON, PIN
from tests.phones import Companion, OverHttp, TraccarClient
from tests.server import ROOT, Server

MANY = 30


@pytest.fixture(autouse=True)
def _nobody_clicked_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clicks are counted by the number of a phone, and a test that was rolled back leaves its number to the next."""
    monkeypatch.setattr(gates, "phones", PhoneGate(burst=20, every_seconds=1, patience_seconds=8))


@pytest.mark.django_db(transaction=True)
def test_clicks_without_end_are_told_to_wait_once_they_change_nothing(phone: Phone) -> None:
    replies = [Companion().click(Gesture.DOUBLE) for _ in range(MANY)]

    assert [reply.status for reply in replies[:20]] == [201] * 20
    last = replies[-1]
    assert (last.status, last.error) == (429, "too_many_clicks")
    assert 1 <= int(last.headers["Retry-After"]) <= 2
    assert Alert.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_stronger_gesture_passes_in_the_middle_of_a_flood(phone: Phone) -> None:
    for _ in range(MANY):
        Companion().click(Gesture.SINGLE)
    assert Companion().click(Gesture.SINGLE).status == 429
    assert Companion().click(Gesture.LONG).status == 201
    assert Alert.objects.get().kind == AlertKind.ALARM
    assert Companion().click(Gesture.DOUBLE).status == 429


@pytest.mark.django_db(transaction=True)
def test_the_first_click_after_an_end_passes_in_the_middle_of_a_flood(phone: Phone) -> None:
    assert [Companion().click().status for _ in range(MANY)][-1] == 429
    Companion().close(str(Alert.objects.get().pk), PIN)

    assert Companion().click(Gesture.SINGLE).status == 201
    assert Alert.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_real_click_during_a_drill_passes_however_many_came_before(phone: Phone) -> None:
    for _ in range(MANY):
        now = timezone.now()
        report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.LONG, clicked_at=now, sent_at=now)
        alerting.receive_click(phone, report, now=now, drill=True)
        with gates.phones.passing(phone.pk, spare=lambda: False):
            pass

    assert Companion().click(Gesture.SINGLE).status == 201
    assert not Alert.objects.get(ended_at=None).drill


@pytest.mark.django_db(transaction=True)
def test_a_known_click_is_answered_in_the_middle_of_a_flood(phone: Phone) -> None:
    uid = uuid4()
    assert Companion().click(uid=uid).status == 201
    for _ in range(MANY):
        Companion().click()
    assert Companion().click().status == 429

    assert [Companion().click(uid=uid).status for _ in range(MANY)] == [200] * MANY


@pytest.mark.django_db(transaction=True)
def test_an_sos_of_a_background_client_is_answered_in_the_middle_of_a_flood(phone: Phone) -> None:
    traccar = TraccarClient()
    moments = [NOON + timedelta(seconds=number) for number in range(MANY)]

    assert {traccar.report(at=at, alarm="sos").status for at in moments} == {200}
    assert Alert.objects.get().kind == AlertKind.RESCUE
    assert Click.objects.count() < MANY


def test_a_hand_that_rests_may_click_again() -> None:
    seconds = [0.0]
    gate = PhoneGate(burst=1, every_seconds=1, patience_seconds=1, clock=lambda: seconds[0])
    with gate.passing(1, spare=lambda: True):
        pass
    seconds[0] = 0.5
    with pytest.raises(FloodError) as told, gate.passing(1, spare=lambda: True):
        pass
    assert told.value.wait == timedelta(seconds=1)
    seconds[0] = 1.0
    with gate.passing(1, spare=lambda: True):
        pass


def test_a_gate_forgets_phones_that_rest() -> None:
    clock = iter([float(number) for number in range(10_000)])
    gate = PhoneGate(burst=1, every_seconds=1, patience_seconds=1, clock=lambda: next(clock))
    for number in range(3_000):
        with gate.passing(number, spare=lambda: True):
            pass
    assert len(gate._hands) <= 1_000


def test_while_one_click_is_in_work_a_needless_one_is_told_to_wait_and_a_needed_one_waits() -> None:
    gate = PhoneGate(burst=9, every_seconds=1, patience_seconds=5)
    with ThreadPoolExecutor(1) as pool:
        with gate.passing(1, spare=lambda: False):
            with pytest.raises(FloodError), gate.passing(1, spare=lambda: True):
                pass
            with gate.passing(2, spare=lambda: True):
                pass
            needed = pool.submit(_pass, gate)
            time.sleep(0.1)
            assert not needed.done()
        assert needed.result(5)


def _pass(gate: PhoneGate) -> bool:
    with gate.passing(1, spare=lambda: False):
        return True


# ---- With a real server ----

_SONIA = """
from alerts.links import fingerprint
from alerts.models import Account, Contact, Phone, Victim
from alerts.models.fields import digest
victim = Victim.objects.create(account=Account.objects.create_user("sonia"), name="Sonia")
Contact.objects.create(victim=victim, rank=1, name="Awa", phone_number="+33639980077", state="accepted",
                       phone_digest=digest("number", "+33639980077"))
Phone.objects.create(victim=victim, token_hash=fingerprint("token-of-sonia"), osmand_id="s", osmand_digest="s")
"""


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The whole service, with Sonia in it."""
    with Server(data_dir=tmp_path_factory.mktemp("flood")) as running:
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", _SONIA], cwd=ROOT, env=running.environment, check=True
        )
        yield running


@pytest.mark.slow
def test_fifty_connections_of_one_phone_hold_up_no_other_woman(server: Server) -> None:
    flooding = server.demo()["phone"]["token"]
    sonia = Companion(wire=OverHttp(server.url), token="token-of-sonia")
    end = time.monotonic() + 4

    def press(_: int) -> Counter[int]:
        seen: Counter[int] = Counter()
        while time.monotonic() < end:
            seen[Companion(wire=OverHttp(server.url), token=flooding).click().status] += 1
        return seen

    with ThreadPoolExecutor(50) as pool:
        pressing = [pool.submit(press, number) for number in range(50)]
        time.sleep(1.5)
        began = time.time()
        status = sonia.click().status
        answered = time.time() - began
        statuses = sum((one.result() for one in pressing), Counter())
    with closing(ConsoleProvider(server.data_dir)) as outbox:
        hers = [entry.at for entry in outbox.entries() if entry.recipient == "+33639980077"]

    assert (status, answered < 5) == (201, True)
    assert min(hers) - began < 5
    assert set(statuses) <= {201, 429, 503}
    assert statuses[429] > statuses[201]
