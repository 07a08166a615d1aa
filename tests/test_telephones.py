"""The telephones of the tests: they believe only TwiML, press keys as people do, and receipts come as Twilio's come."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator

from tests.people import NADIA, THOMAS
from tests.twilio import TOKEN, Network, Plan, Service, Taken, network
from tests.wires import Reply

PUBLIC = "https://sos.exmpl.fr"
MENU = (
    '<Response><Gather numDigits="1" action="/keys" actionOnEmptyResult="{empty}" timeout="6">'
    '<Pause length="1"/><Say language="fr-FR">Marie appelle au secours</Say></Gather>'
    '<Say language="fr-FR">Au revoir</Say></Response>'
)
XML = {"Content-Type": "text/xml; charset=utf-8"}


@dataclass
class Desk:
    """A service of four documents, which writes down what is posted to it."""

    posted: list[tuple[str, Mapping[str, str], bool]] = field(default_factory=list)

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Answer like our hooks."""
        assert method == "POST"
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        signed = RequestValidator(TOKEN).validate(f"{PUBLIC}{path}", form, headers["X-Twilio-Signature"])
        self.posted.append((path, form, bool(signed)))
        pages = {
            "/menu": MENU.format(empty="true"),
            "/keys": f"<Response><Say>Vous avez tapé {form.get('Digits') or 'rien'}</Say><Hangup/></Response>",
            "/round": "<Response><Redirect>/round</Redirect></Response>",
            "/dial": "<Response><Dial>17</Dial></Response>",
            "/hooks/twilio/sms/": "<Response><Message>Bien reçu</Message></Response>",
        }
        if not signed:
            return Reply(status=403, headers={}, body=b"")
        return Reply(status=200 if path in pages else 204, headers=XML, body=pages.get(path, "").encode())

    def words(self) -> list[str]:
        """What receipts said, in their order."""
        said = [form.get("MessageStatus") or form.get("CallStatus", "") for path, form, _ in self.posted]
        return [word for word, (path, _, _) in zip(said, self.posted, strict=True) if path.startswith("/status")]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
def telephones(desk: Desk) -> Iterator[Network]:
    with network(service=Service(wire=desk, public_url=PUBLIC, by_hand=True)) as running:
        yield running


def text(telephones: Network, to: str = NADIA.phone_number) -> Taken:
    """The network takes a text."""
    form = {"To": to, "From": "MonSherif", "Body": "SECOURS", "StatusCallback": f"{PUBLIC}/status?d=1"}
    return telephones.take("Messages", form)


def call(telephones: Network, *, script: str = "", page: str = "/menu", to: str = NADIA.phone_number) -> Taken:
    """The network takes a call."""
    form = {"To": to, "From": "+33199001234", "StatusCallback": f"{PUBLIC}/status?d=2", "Timeout": "30"}
    form["StatusCallbackEvent"] = "initiated ringing answered completed"
    return telephones.take("Calls", form | ({"Twiml": script} if script else {"Url": f"{PUBLIC}{page}"}))


# ---- Receipts ----


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (Plan.PROMPT, ["sent", "delivered"]),
        (Plan.TWICE, ["sent", "sent", "delivered", "delivered"]),
        (Plan.REVERSED, ["delivered", "sent"]),
        (Plan.NEVER, []),
        (Plan.STUCK, []),
        (Plan.LATE, []),
    ],
)
def test_receipts_come_as_planned(plan: Plan, words: list[str], *, telephones: Network, desk: Desk) -> None:
    telephones.device(NADIA).receipts(plan)
    taken = text(telephones)
    assert desk.words() == [], "by hand nothing comes of itself"
    telephones.deliver_receipts()

    assert desk.words() == words
    assert all(signed for _, _, signed in desk.posted)
    assert telephones.progress(taken.sid).status == ("queued" if plan is Plan.STUCK else "delivered")


def test_a_late_receipt_comes_when_its_time_has_come(telephones: Network, desk: Desk) -> None:
    telephones.device(NADIA).receipts(Plan.LATE)
    telephones.late_seconds = 86_400
    text(telephones)
    telephones.deliver_receipts(within=3600)
    assert desk.words() == []
    telephones.deliver_receipts(within=90_000)
    assert desk.words() == ["sent", "delivered"]


def test_a_forger_signs_with_another_key(telephones: Network, desk: Desk) -> None:
    telephones.device(NADIA).receipts(Plan.FORGED)
    taken = text(telephones)
    assert [one.status for one in telephones.deliver_receipts()] == [403, 403]
    assert not any(signed for _, _, signed in desk.posted)
    assert telephones.progress(taken.sid).status == "queued"


def test_a_receipt_holds_what_twilio_puts_into_it(telephones: Network, desk: Desk) -> None:
    telephones.device(NADIA).fails(30003)
    taken = text(telephones)
    telephones.deliver_receipts()

    path, form, _ = desk.posted[-1]
    assert path == "/status?d=1"
    assert (form["MessageSid"], form["MessageStatus"], form["ErrorCode"]) == (taken.sid, "undelivered", "30003")
    assert (form["To"], form["From"], form["ApiVersion"]) == (NADIA.phone_number, "MonSherif", "2010-04-01")
    assert "ErrorCode" not in desk.posted[0][1]


@pytest.mark.parametrize(
    ("pocket", "words"),
    [
        ("switch_off", ["initiated", "no-answer"]),
        ("does_not_answer", ["initiated", "ringing", "no-answer"]),
        ("is_busy", ["initiated", "ringing", "busy"]),
        ("voicemail", ["initiated", "ringing", "in-progress", "completed"]),
    ],
)
def test_a_telephone_that_nobody_picks_up(pocket: str, words: list[str], *, telephones: Network, desk: Desk) -> None:
    getattr(telephones.device(NADIA), pocket)()
    call(telephones)
    telephones.deliver_receipts()

    assert desk.words() == words
    told = [form for path, form, _ in desk.posted if path.startswith("/status")]
    assert [form["SequenceNumber"] for form in told] == [str(number) for number in range(len(words))]
    with pytest.raises(AssertionError, match="does not ring"):
        telephones.device(NADIA).expect_call(within=0)


def test_a_call_that_nobody_expects_rings_for_its_seconds(telephones: Network, desk: Desk) -> None:
    call(telephones)
    telephones.deliver_receipts(within=29)
    assert desk.words() == ["initiated", "ringing"]
    telephones.deliver_receipts(within=31)
    assert desk.words() == ["initiated", "ringing", "no-answer"]


def test_only_events_that_were_asked_for_are_told(telephones: Network, desk: Desk) -> None:
    form = {"To": NADIA.phone_number, "From": "+33199001234", "Twiml": "<Response/>"}
    telephones.take("Calls", {**form, "StatusCallback": f"{PUBLIC}/status"})
    telephones.device(NADIA).expect_call()
    telephones.deliver_receipts()
    assert desk.words() == ["completed"]


def test_receipts_of_a_call_come_backwards_once_it_is_over(telephones: Network, desk: Desk) -> None:
    telephones.device(NADIA).receipts(Plan.REVERSED)
    call(telephones)
    ringing = telephones.device(NADIA).expect_call("Marie")
    telephones.deliver_receipts()
    assert desk.words() == []
    ringing.press("1")
    assert desk.words() == ["completed", "in-progress", "ringing", "initiated"]
    assert int(desk.posted[-4][1]["CallDuration"]) >= 2


# ---- Calls ----


def test_a_key_is_heard_and_answered(telephones: Network, desk: Desk) -> None:
    call(telephones)
    listening = telephones.device(NADIA).expect_call(saying="Marie")
    assert "Au revoir" not in listening.said
    listening.press("19").expect("Vous avez tapé 1")

    assert listening.over
    assert listening.languages == {"fr-FR", ""}
    assert desk.words() == ["initiated", "ringing", "in-progress", "completed"]
    with pytest.raises(AssertionError, match="no voice asked"):
        listening.press("1")


@pytest.mark.parametrize(("empty", "said"), [("true", "Vous avez tapé rien"), ("false", "Au revoir")])
def test_without_a_key_the_voice_goes_on_as_it_was_told(empty: str, said: str, *, telephones: Network) -> None:
    call(telephones, script=MENU.format(empty=empty).replace("/keys", f"{PUBLIC}/keys"))
    assert telephones.device(NADIA).expect_call().waits().expect(said).over


def test_words_that_were_not_said_fail(telephones: Network) -> None:
    call(telephones)
    with pytest.raises(AssertionError, match="did not say 'Sophie'"):
        telephones.device(NADIA).expect_call(saying="Sophie")


@pytest.mark.parametrize(("page", "complaint"), [("/dial", "<Dial>"), ("/nowhere", "application error")])
def test_what_twilio_could_not_read_fails(page: str, complaint: str, telephones: Network) -> None:
    call(telephones, page=page)
    with pytest.raises(AssertionError, match=complaint):
        telephones.device(NADIA).expect_call()


def test_a_document_that_leads_to_itself_ends(telephones: Network) -> None:
    call(telephones, page="/round")
    assert telephones.device(NADIA).expect_call().over


def test_an_older_call_has_rung_out_when_the_newer_is_picked_up(telephones: Network, desk: Desk) -> None:
    older, newer = call(telephones), call(telephones)
    assert telephones.device(NADIA).expect_call().taken is newer
    assert telephones.progress(older.sid).status == "no-answer"


def test_it_is_known_who_was_called_after_somebody_acted(telephones: Network) -> None:
    call(telephones)
    call(telephones, to=THOMAS.phone_number)
    with pytest.raises(AssertionError, match="did nothing"):
        telephones.device(THOMAS).calls_after(NADIA)
    telephones.device(NADIA).expect_call().press("1")
    assert telephones.device(THOMAS).calls_after(NADIA) == []
    late = call(telephones, to=THOMAS.phone_number)
    assert telephones.device(THOMAS).calls_after(NADIA) == [late]


# ---- Texts ----


def test_an_answer_is_posted_and_answered(telephones: Network, desk: Desk) -> None:
    assert telephones.device(NADIA).answers("j'y vais").status == 200
    path, form, signed = desk.posted[0]
    assert (path, form["From"], form["Body"], signed) == ("/hooks/twilio/sms/", NADIA.phone_number, "j'y vais", True)
    assert form["MessageSid"].startswith("SM")
    assert telephones.device(NADIA).texts == ["Bien reçu"]


def test_a_text_is_expected_by_its_words(telephones: Network) -> None:
    text(telephones)
    assert telephones.device(NADIA).expect_text("SECOURS").body == "SECOURS"
    with pytest.raises(AssertionError, match="no text saying 'FIN'"):
        telephones.device(NADIA).expect_text("FIN", within=0)


def test_what_goes_wrong_in_a_telephone_that_acts_of_itself_fails_the_test(desk: Desk) -> None:
    running = Network(service=Service(wire=desk, public_url=PUBLIC))
    running.device(NADIA).voicemail()
    call(running, page="/dial")
    ends = time.monotonic() + 5
    while not running.postman.faults and time.monotonic() < ends:
        time.sleep(0.01)

    with pytest.raises(AssertionError, match="<Dial>"):
        running.close()
