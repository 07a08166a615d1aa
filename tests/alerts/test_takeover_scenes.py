"""Both networks as they are, on the wire: one dies, the other carries, and the first gets its place back."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.db.models import F
from django.utils import timezone

from alerts.domain import alerting, sweeping
from alerts.domain.sending import Sender
from alerts.models import Alert, Delivery, Rest
from alerts.providers import ovh as second_network
from alerts.providers.health import FIRST_REST, REFUSES_US
from alerts.providers.mailbox import NoMailbox
from alerts.providers.ovh import OvhProvider
from alerts.providers.pair import Pair
from alerts.providers.twilio import Credentials, TwilioProvider
from alerts.states import Channel, DeliveryState, Gesture
from tests import ovh, twilio
from tests.people import RELATIVES, make_marie, make_phone

if TYPE_CHECKING:
    from alerts.domain.ways import Ways

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 5.0  # seconds, where others use the machine too: alone it takes a tenth of a second
PATIENCE = 15.0


class Town:
    """Two networks, one worker, and as many people in danger as a scene needs."""

    def __init__(
        self, first: twilio.Network, second: ovh.Network, data_dir: Path, *, token: str = twilio.TOKEN
    ) -> None:
        self.first, self.second, self._data_dir = first, second, data_dir
        nobody = NoMailbox()
        ways: Ways = {Channel.SMS: self._both(token), Channel.VOICE: nobody, Channel.EMAIL: nobody}
        self.worker = Sender(ways, worker="w", threads=8)
        self._people = 0

    def click(self) -> Alert:
        """Somebody clicks once: five texts leave."""
        self._people += 1
        name = f"marie-{self._people}"
        now = timezone.now()
        report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
        alert = alerting.receive_click(make_phone(make_marie(name), name, name), report, now=now).alert
        self.worker.deliver(alert.pk, now=timezone.now())
        return alert

    def sweep(self) -> None:
        """One round of the worker."""
        sweeping.sweep(self.worker, self._data_dir, now=timezone.now())

    def let_a_minute_pass(self) -> None:
        """For those who rest."""
        Rest.objects.update(at=F("at") - FIRST_REST, until=F("until") - FIRST_REST)

    def carriers(self, alert: Alert) -> list[str]:
        """Who took the texts of this alert, once all were taken; sweeps meanwhile as a worker does."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end and self._states(alert) != {DeliveryState.ACCEPTED}:
            time.sleep(0.1)
            self.sweep()
        assert self._states(alert) == {DeliveryState.ACCEPTED}
        return sorted(alert.deliveries.values_list("provider", flat=True))

    def copies(self, alert: Alert) -> list[int]:
        """How many copies of this alert's text the five telephones got, by both networks together."""
        ours = list(alert.deliveries.values_list("pk", flat=True))
        tags = {second_network.tag_of(pk) for pk in ours}
        got = [one.to for one in self.first.taken if any(str(pk) in one.form["StatusCallback"] for pk in ours)]
        got += [one.job["receivers"][0] for one in self.second.taken if one.job["tag"] in tags]
        return [got.count(person.phone_number) for person in RELATIVES]

    def wait_for(self, true: Callable[[], bool]) -> None:
        """Sweep until it is so."""
        end = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < end
            self.sweep()
            time.sleep(0.05)

    def _both(self, token: str) -> Pair:
        first = Credentials(
            account_sid=twilio.ACCOUNT,
            auth_token=token,
            sms_sender="MonSherif",
            voice_number="+33199001234",
            url=self.first.url,
        )
        second = second_network.Credentials(
            application_key=ovh.APPLICATION,
            application_secret=ovh.SECRET,
            consumer_key=ovh.CONSUMER,
            service=ovh.SERVICE,
            sender="MonSherif",
            url=self.second.url,
        )
        return Pair([TwilioProvider(first, timeout=1.0), OvhProvider(second, timeout=(1.0, 1.0))])

    def _states(self, alert: Alert) -> set[str]:
        return set(alert.deliveries.values_list("state", flat=True))


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    with twilio.network() as first, ovh.network() as second:
        scene = Town(first, second, tmp_path)
        yield scene
        scene.worker.close()


@pytest.mark.parametrize("how", ["says 503", "refuses"])
def test_twilio_dies_and_ovh_carries_within_a_second_and_twilio_gets_its_place_back(how: str, town: Town) -> None:
    assert town.carriers(town.click()) == ["twilio"] * 5

    town.first.die(how)  # type: ignore[arg-type]  # two of its words
    began = time.monotonic()
    alert = town.click()
    while len(town.second.taken) < 5:
        assert time.monotonic() - began < AT_ONCE
        time.sleep(0.005)
    assert town.carriers(alert) == ["ovh"] * 5
    assert town.copies(alert) == [1] * 5

    town.wait_for(Rest.objects.filter(provider="twilio", channel="sms", reason="errors").exists)
    tried = len(town.first.refused)
    assert town.carriers(town.click()) == ["ovh"] * 5
    assert len(town.first.refused) == tried, "it is left in peace"

    town.first.revive()
    town.let_a_minute_pass()
    town.wait_for(lambda: "twilio" in town.carriers(town.click()))
    town.wait_for(lambda: not Rest.objects.exists())
    assert town.carriers(town.click()) == ["twilio"] * 5


def test_after_no_answer_the_network_that_may_have_it_is_asked_and_nobody_reads_it_twice(town: Town) -> None:
    town.first.moods = ["drop"] * 2
    alert = town.click()
    assert town.carriers(alert) == ["twilio"] * 5
    assert town.copies(alert) == [1] * 5
    assert town.second.taken == []


def test_what_a_network_swallowed_without_taking_it_leaves_through_the_other(town: Town) -> None:
    town.first.moods = ["stall"] * 5
    alert = town.click()
    town.carriers(alert)
    assert town.copies(alert) == [1] * 5


def test_a_wrong_key_of_ours_at_one_network_keeps_nobody_from_being_told(tmp_path: Path) -> None:
    with twilio.network() as first, ovh.network() as second:
        scene = Town(first, second, tmp_path, token="stale")
        alert = scene.click()
        assert scene.carriers(alert) == ["ovh"] * 5
        scene.wait_for(Rest.objects.filter(provider="twilio", reason=REFUSES_US).exists)
        scene.worker.close()


def test_with_both_networks_dead_everything_waits_and_leaves_when_one_returns(town: Town) -> None:
    town.first.die("says 503")
    town.second.moods = [503] * 1000
    alert = town.click()
    town.wait_for(lambda: Rest.objects.count() == 2)
    assert town.copies(alert) == [0] * 5
    assert set(alert.deliveries.values_list("state", flat=True)) <= {DeliveryState.DUE, DeliveryState.SENDING}

    town.second.moods = []
    Delivery.objects.filter(state=DeliveryState.DUE).update(not_before=timezone.now())
    assert town.carriers(alert) == ["ovh"] * 5
    assert town.copies(alert) == [1] * 5
