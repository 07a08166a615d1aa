"""The real service on real wires: SMS and calls through Twilio's own client, mail by SMTP, hooks signed and posted."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from tests.mailserver import Mailserver, mailserver, text_of
from tests.people import AWA, LUCIE, NADIA, RELATIVES, THOMAS, YANN
from tests.phones import Companion, OverHttp
from tests.server import Server
from tests.twilio import ACCOUNT, TOKEN, Network, Plan, Service, network

pytestmark = pytest.mark.journey


@dataclass
class Country:
    """The service, the telephone network, the mail server, and Marie's telephone."""

    server: Server
    network: Network
    mails: Mailserver
    people: Mapping[str, Any]

    @property
    def marie(self) -> Companion:
        """Her telephone, through the API."""
        return Companion(wire=OverHttp(self.server.url), token=self.people["phone"]["token"])

    def state(self, name: str, channel: str) -> str:
        """Where the newest message to this relative by this channel stands, as her phone shows it."""
        [contact] = [one for one in self.marie.alert()["contacts"] if one["name"] == name]
        return [str(one["state"]) for one in contact["deliveries"] if one["channel"] == channel][-1]

    def wait_for(self, name: str, channel: str, state: str) -> None:
        """Return once it stands so."""
        until(lambda: self.state(name, channel) == state, f"{name}: {channel} {state}")

    def receipts_of(self, sid: str) -> list[tuple[str, int]]:
        """What the network posted about one message, and the answers."""
        return [(one.word, one.status) for one in self.network.posted if one.sid == sid]


def until(true: Callable[[], bool], what: str, *, seconds: float = 10) -> None:
    """Return once this is true."""
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """One service for all scenes of this file."""
    server = Server(tmp_path_factory.mktemp("network"))
    service = Service(wire=OverHttp(server.url), public_url=server.url)
    with network(service=service) as telephones, mailserver() as mails:
        server.environ = {
            "SHERIF_TELEPHONY": "twilio",
            "SHERIF_TWILIO_URL": telephones.url,
            "SHERIF_SMS_SENDER": "MonSherif",
            "SHERIF_VOICE_NUMBER": "+33199001234",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "EMAIL_URL": mails.url,
        }
        with server:
            yield Country(server=server, network=telephones, mails=mails, people=server.demo())


@pytest.fixture
def country(running: Country) -> Iterator[Country]:
    """Nobody was told anything yet; the alert of the scene is closed at its end."""
    for person in RELATIVES:
        running.network.device(person).switch_on().receipts(Plan.PROMPT)
    yield running
    alert = running.marie.alert()
    if alert is not None:
        running.marie.close(alert["id"], running.people["victim"]["pin"])
        until(lambda: _told_of_the_end(running), "everybody is told of the end")
    running.network.clear()
    running.mails.clear()


def _told_of_the_end(country: Country) -> bool:
    """The texts of one scene must not come in the next."""
    return all(len(country.network.device(one).texts) >= 2 for one in RELATIVES)


def test_five_telephones_ring_five_texts_and_five_mails_arrive_and_nadia_presses_one(country: Country) -> None:
    assert country.marie.click().status == 201

    for person in RELATIVES:
        assert country.network.device(person).expect_text(saying="Marie").link.startswith(country.server.url)
        assert "Marie" in text_of(country.mails.expect_mail(person, saying="Marie"))
    nadia = country.network.device(NADIA).expect_call(saying="Marie")
    assert nadia.languages == {"fr-FR"}
    nadia.press("1").expect("vous prenez en charge")
    assert nadia.over

    assert country.marie.alert()["in_charge"] == "Nadia"
    country.wait_for("Nadia", "voice", "answered")
    for person in RELATIVES:
        country.wait_for(person.name, "sms", "delivered")
        assert len(country.network.device(person).texts) == 1
        assert len(country.network.device(person).calls) == 1
        assert len(country.mails.mailbox(person)) == 1
    assert "en-GB" in country.network.device(YANN).expect_call().languages


def test_every_text_and_call_goes_to_the_network_once_and_whole(country: Country) -> None:
    country.marie.click()
    until(lambda: len(country.network.taken) == 2 * len(RELATIVES), "ten messages")

    assert country.network.refused == []
    for taken in country.network.taken:
        assert taken.form["StatusCallback"].startswith(f"{country.server.url}/hooks/twilio/")


def test_a_text_that_never_arrives_fails_with_its_code_and_a_machine_has_heard_nothing(country: Country) -> None:
    country.network.device(NADIA).switch_off()
    country.network.device(THOMAS).voicemail()
    country.network.device(AWA).is_busy()
    country.marie.click()

    country.wait_for("Nadia", "sms", "failed")
    country.wait_for("Nadia", "voice", "failed")
    country.wait_for("Awa", "voice", "failed")
    until(
        lambda: ("completed", 204) in country.receipts_of(_call(country, THOMAS.phone_number)), "the machine heard it"
    )
    assert country.state("Thomas", "voice") != "answered"
    assert country.marie.alert()["in_charge"] is None


def test_receipts_twice_backwards_and_late_never_move_a_message_back(country: Country) -> None:
    country.network.late_seconds = 1.5
    country.network.device(NADIA).receipts(Plan.TWICE)
    country.network.device(THOMAS).receipts(Plan.REVERSED)
    country.network.device(AWA).receipts(Plan.LATE)
    country.marie.click()

    for person in (NADIA, THOMAS, AWA):
        country.wait_for(person.name, "sms", "delivered")
    sids = {one.name: country.network.to(one.phone_number) for one in (NADIA, THOMAS, AWA)}
    texts = {name: next(one.sid for one in taken if one.kind == "Messages") for name, taken in sids.items()}
    until(lambda: len(country.receipts_of(texts["Nadia"])) == 4, "each receipt twice")
    until(lambda: len(country.receipts_of(texts["Thomas"])) == 2, "both receipts")
    assert [word for word, _ in country.receipts_of(texts["Thomas"])] == ["delivered", "sent"]
    for person in (NADIA, THOMAS, AWA):
        assert country.state(person.name, "sms") == "delivered"


def test_a_forged_receipt_changes_nothing(country: Country) -> None:
    country.network.device(LUCIE).receipts(Plan.FORGED)
    country.marie.click()
    country.wait_for("Nadia", "sms", "delivered")

    [text] = [one for one in country.network.to(LUCIE.phone_number) if one.kind == "Messages"]
    until(lambda: len(country.receipts_of(text.sid)) == 2, "the forger tried")
    assert {status for _, status in country.receipts_of(text.sid)} == {403}
    country.wait_for("Lucie", "sms", "accepted")  # the forger may be refused before our own row is written


def test_nothing_of_hers_is_in_the_log(running: Country) -> None:
    said = running.server.said()
    assert "403" in said or "refused" in said, "the forger left no trace"
    secrets = [running.people["phone"]["token"], TOKEN, "+3363998", "%2B3363998", "@example.org", "/r/"]
    assert [secret for secret in secrets if secret in said] == []


def _call(country: Country, number: str) -> str:
    [call] = [one for one in country.network.to(number) if one.kind == "Calls"]
    return call.sid
