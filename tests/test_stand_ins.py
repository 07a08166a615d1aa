"""The stand-ins for telephone and mail themselves: one that forgets, or believes a forger, would prove nothing."""

import os
import signal
import smtplib
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.mailserver import Mailserver, mailserver, text_of
from tests.people import NADIA, THOMAS
from tests.telephony.moods import Moods
from tests.telephony.resources import segments
from tests.twilio import ACCOUNT, TOKEN, Network, Remote, network, process, read

TEXT = {"To": NADIA.phone_number, "From": "MonSherif", "Body": "SECOURS Marie"}
CALL = {"To": NADIA.phone_number, "From": "+33199001234", "Twiml": "<Response/>"}
ENOUGH_A_SECOND = 300


@pytest.fixture
def telephones() -> Iterator[Network]:
    with network() as running:
        yield running


@pytest.fixture
def client() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.auth = (ACCOUNT, TOKEN)
        yield session


@pytest.fixture
def mails() -> Iterator[Mailserver]:
    with mailserver() as running:
        yield running


def base(running: Network | Remote) -> str:
    return f"{running.url}/2010-04-01/Accounts/{ACCOUNT}"


def send(running: Network | Remote, client: requests.Session, **changes: str) -> requests.Response:
    """One text, as Twilio's client posts it."""
    return client.post(f"{base(running)}/Messages.json", data={**TEXT, **changes}, timeout=5)


# ---- Memory ----


def test_what_was_answered_is_on_disk(tmp_path: Path, client: requests.Session) -> None:
    log = tmp_path / "taken.jsonl"
    before = datetime.now(UTC)
    with network(log=log) as running:
        running.delay_seconds = 0.2
        sid = send(running, client).json()["sid"]
        [taken] = read(log)

    assert (taken.sid, taken.form["Body"]) == (sid, "SECOURS Marie")
    assert timedelta(0) <= taken.at - before < timedelta(seconds=0.2), "it came before the answer"


def test_a_stand_in_that_was_killed_remembers_and_a_cut_line_was_never_answered(
    tmp_path: Path, client: requests.Session
) -> None:
    log = tmp_path / "taken.jsonl"
    with process(log) as first:
        sid = send(first, client).json()["sid"]
        os.kill(first.process.pid, signal.SIGKILL)
        first.process.wait(5)
    with log.open("ab") as file:
        file.write(b'{"sid": "SM')

    with process(log) as second:
        assert [one.sid for one in second.taken] == [sid]
        listed = client.get(f"{base(second)}/Messages.json", params={"To": NADIA.phone_number}, timeout=5).json()
        assert [one["sid"] for one in listed["messages"]] == [sid]
        send(second, client)
        assert len(second.taken) == 2


def test_it_is_faster_than_any_burst_of_a_test(tmp_path: Path) -> None:
    def texts(running: Remote) -> None:
        with requests.Session() as session:
            session.auth = (ACCOUNT, TOKEN)
            for _ in range(100):
                assert send(running, session).status_code == 201

    with process(tmp_path / "taken.jsonl") as running:
        threads = [threading.Thread(target=texts, args=(running,)) for _ in range(6)]
        began = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        rate = 600 / (time.monotonic() - began)
        assert running.counts()["taken"] == len(running.taken) == 600
    assert rate > ENOUGH_A_SECOND


# ---- Moods ----


@pytest.mark.parametrize(("mood", "taken"), [("drop", 1), ("reset", 0), ("hang", 1), ("stall", 0)])
def test_without_an_answer_only_the_network_knows(
    mood: str, taken: int, *, telephones: Network, client: requests.Session
) -> None:
    telephones.hang_seconds = 0.6
    telephones.moods = [mood]
    with pytest.raises((requests.ConnectionError, requests.ReadTimeout)):
        client.post(f"{base(telephones)}/Messages.json", data=TEXT, timeout=0.3)
    assert len(telephones.taken) == taken
    assert len(telephones.refused) == 1 - taken
    assert send(telephones, client).status_code == 201, "it is well again"


def test_a_refusal_says_when_to_come_back_or_why(telephones: Network, client: requests.Session) -> None:
    telephones.moods = [429, (400, 21610), 500]
    busy, stopped, broken = (send(telephones, client) for _ in range(3))

    assert (busy.status_code, busy.headers["Retry-After"], busy.json()["code"]) == (429, "1", 20429)
    assert (stopped.status_code, stopped.json()["code"]) == (400, 21610)
    assert (broken.status_code, broken.json()["code"]) == (500, None)
    assert [one.status for one in telephones.refused] == [429, 400, 500]


def test_dice_of_one_seed_fall_the_same_way() -> None:
    falls = []
    for _ in range(2):
        moods = Moods(share=0.3)
        moods.seed(2026)
        falls.append([moods.next_mood() for _ in range(200)])
    assert falls[0] == falls[1]
    assert 30 < sum(mood is not None for mood in falls[0]) < 90
    with pytest.raises(ValueError, match="no mood"):
        Moods(moods=["gloomy"]).next_mood()


def test_a_dead_network_answers_nothing_and_comes_back_where_it_was(
    telephones: Network, client: requests.Session
) -> None:
    send(telephones, client)
    telephones.die()
    assert send(telephones, client).status_code == 503
    assert client.get(f"{base(telephones)}/Messages.json", timeout=5).status_code == 503

    telephones.die("refuses")
    with pytest.raises(requests.ConnectionError, match="refused"):
        send(telephones, client)

    telephones.revive()
    assert send(telephones, client).status_code == 201
    telephones.die("hangs")
    with pytest.raises(requests.ReadTimeout):
        client.post(f"{base(telephones)}/Messages.json", data=TEXT, timeout=0.3)
    telephones.revive()
    assert send(telephones, client).status_code == 201
    assert len(telephones.taken) == 3


def test_a_process_is_told_how_to_behave(tmp_path: Path, client: requests.Session) -> None:
    with process(tmp_path / "taken.jsonl", delay_seconds=0.2) as running:
        began = time.monotonic()
        send(running, client)
        assert time.monotonic() - began >= 0.2
        running.behave(delay_seconds=0, moods=[500], devices={THOMAS.phone_number: {"stopped": 21610}})
        assert send(running, client).status_code == 500
        assert send(running, client, To=THOMAS.phone_number).json()["code"] == 21610
        running.die("refuses")
        with pytest.raises(requests.ConnectionError, match="refused"):
            send(running, client)
        running.revive()
        assert send(running, client).status_code == 201
        with pytest.raises(OSError, match="400"):
            running.behave(temper=1)


# ---- What Twilio itself would say ----


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"To": "0639980001"}, 21211),
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"ValidityPeriod": "0"}, 21623),
        ({"ValidityPeriod": "36001"}, 21623),
    ],
)
def test_a_text_that_twilio_would_not_take_is_not_taken(
    changes: dict[str, str], code: int, *, telephones: Network, client: requests.Session
) -> None:
    answer = send(telephones, client, **changes)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert telephones.taken == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"Twiml": ""}, 21205), ({"Twiml": "x" * 4001}, 21218), ({"From": "MonSherif"}, 21212), ({"To": "17"}, 21211)],
)
def test_a_call_that_twilio_would_not_take_is_not_taken(
    changes: dict[str, str], code: int, *, telephones: Network, client: requests.Session
) -> None:
    answer = client.post(f"{base(telephones)}/Calls.json", data={**CALL, **changes}, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_wrong_key_opens_nothing(telephones: Network, client: requests.Session) -> None:
    client.auth = (ACCOUNT, "another key")
    assert send(telephones, client).json()["code"] == 20003
    assert telephones.taken == []


def test_a_list_holds_what_was_asked_for_page_by_page(telephones: Network, client: requests.Session) -> None:
    def listed(**asked: Any) -> list[str]:
        bodies, url = [], f"{base(telephones)}/Messages.json"
        answer = client.get(url, params={name.replace("After", ">"): value for name, value in asked.items()}).json()
        while True:
            bodies += [one["body"] for one in answer["messages"]]
            if not answer["next_page_uri"]:
                return bodies
            answer = client.get(f"{telephones.url}{answer['next_page_uri']}", timeout=5).json()

    for number in range(5):
        send(telephones, client, Body=str(number))
    send(telephones, client, To=THOMAS.phone_number, Body="to Thomas")

    assert listed(To=NADIA.phone_number, PageSize=2) == ["4", "3", "2", "1", "0"]
    assert listed(To=THOMAS.phone_number) == ["to Thomas"]
    later = (datetime.now(UTC) + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert listed(To=NADIA.phone_number, DateSentAfter=later) == []
    assert len(listed(DateSentAfter=datetime.now(UTC).strftime("%Y-%m-%d"))) == 6
    telephones.device(NADIA).receipts("stuck")
    send(telephones, client, Body="not sent yet")
    assert listed(To=NADIA.phone_number)[0] == "not sent yet"
    assert "not sent yet" not in listed(To=NADIA.phone_number, DateSentAfter="2026-01-01")
    telephones.listed_after_seconds = 60
    assert listed(To=NADIA.phone_number) == []


def test_one_message_is_shown_by_its_name(telephones: Network, client: requests.Session) -> None:
    telephones.device(NADIA).fails(30005)
    sid = send(telephones, client, Body="ê" * 71).json()["sid"]
    shown = client.get(f"{base(telephones)}/Messages/{sid}.json", timeout=5).json()

    assert (shown["status"], shown["error_code"], shown["num_segments"]) == ("undelivered", 30005, "2")
    assert shown["price"] is None
    assert client.get(f"{base(telephones)}/Messages/SM{'0' * 32}.json", timeout=5).status_code == 404
    assert [one.path.rpartition("/")[2] for one in telephones.asked] == [f"{sid}.json", f"SM{'0' * 32}.json"]


def test_segments_are_counted_as_they_are_paid() -> None:
    assert [segments(text) for text in ("é" * 160, "x" * 161, "€" * 80, "€" * 81, "ê" * 70, "ê" * 71)] == [
        *(1, 2, 1, 2, 1, 2)
    ]


# ---- Mail ----


def hand_over(mails: Mailserver, *to: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "alerte@sos.exmpl.fr", ", ".join(to), "SECOURS Marie"
    mail.set_content("Où : Compiègne")
    with smtplib.SMTP("127.0.0.1", mails.port, timeout=0.7) as connection:
        connection.send_message(mail)


def test_each_recipient_has_a_mailbox(mails: Mailserver) -> None:
    hand_over(mails, NADIA.email, THOMAS.email)
    assert text_of(mails.expect_mail(NADIA, saying="Compiègne")) == "Où : Compiègne\n"
    assert len(mails.mailbox(THOMAS)) == len(mails.mailbox(NADIA)) == 1
    with pytest.raises(AssertionError, match="no mail saying"):
        mails.expect_mail(NADIA, saying="Lyon", within=0.1)


def test_a_mail_server_refuses_one_address_or_the_text(mails: Mailserver) -> None:
    mails.refuse("RCPT", "550 5.1.1 nobody", to=THOMAS.email)
    mails.refuse("DATA", "451 4.3.0 later", times=1)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        hand_over(mails, THOMAS.email)
    with pytest.raises(smtplib.SMTPDataError):
        hand_over(mails, NADIA.email)
    hand_over(mails, NADIA.email)

    assert mails.tried == {THOMAS.email: 1, NADIA.email: 2}
    assert len(mails.mails) == 1


@pytest.mark.parametrize("trouble", [lambda box: setattr(box, "hang_seconds", 2), lambda box: box.drop_after_data()])
def test_a_mail_server_takes_a_mail_and_does_not_say_so(
    trouble: Callable[[Mailserver], None], mails: Mailserver
) -> None:
    trouble(mails)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        hand_over(mails, NADIA.email)
    assert len(mails.mailbox(NADIA)) == 1
    mails.get_well()
    hand_over(mails, NADIA.email)
