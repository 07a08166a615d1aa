"""A telephone becomes hers by eight characters, and stops being hers in one call."""

import json
from base64 import b64decode
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import enrolment
from alerts.links import fingerprint
from alerts.models import PairingCode, PairingGuess, Phone, Victim
from tests.people import OSMAND_ID, PHONE_TOKEN, make_phone
from tests.phones import Companion, InProcess, OwnTracks, TraccarClient
from tests.texting import OUR_NUMBER

pytestmark = pytest.mark.django_db


def drawn(marie: Victim, *, minutes_ago: int = 0) -> str:
    """A code that her profile shows."""
    return enrolment.draw_pairing_code(marie, now=timezone.now() - timedelta(minutes=minutes_ago))


def new_phone(peer: str = "192.0.2.1") -> Companion:
    """A telephone that belongs to nobody yet."""
    return Companion(wire=InProcess(peer), token="")


def test_a_phone_is_paired_and_clicks(marie: Victim) -> None:
    reply = new_phone().pair(drawn(marie))

    assert reply.status == 201
    assert set(reply.json) == {"token", "osmand_id"}
    companion = Companion(token=reply.json["token"])
    assert companion.click().status == 201
    assert TraccarClient(osmand_id=reply.json["osmand_id"]).report(at=timezone.now()).status == 200


def test_the_database_keeps_no_secret_of_a_phone_in_clear(marie: Victim) -> None:
    code = drawn(marie)
    credentials = new_phone().pair(code).json

    phone = Phone.objects.get()
    assert phone.token_hash == fingerprint(credentials["token"])
    assert len(credentials["token"]) >= 43  # 256 bits
    with connection.cursor() as cursor:
        cursor.execute("SELECT token_hash, osmand_id, osmand_digest FROM alerts_phone")
        stored = " ".join(cursor.fetchone())
    assert credentials["token"] not in stored
    assert credentials["osmand_id"] not in stored
    assert code not in PairingCode.objects.get().code_digest


@pytest.mark.parametrize("spelling", ["{a}{b}", "{a}-{b}", " {a} {b} ", "{a} - {b}"])
@pytest.mark.parametrize("small", [True, False])
def test_case_spaces_and_hyphens_do_not_matter(marie: Victim, spelling: str, small: bool) -> None:
    code = drawn(marie)
    typed = spelling.format(a=code[:4], b=code[4:])

    assert new_phone().pair(typed.lower() if small else typed).status == 201


def test_a_code_has_eight_characters_that_nobody_confuses(marie: Victim) -> None:
    codes = {drawn(marie) for _ in range(50)}

    assert {len(code) for code in codes} == {8}
    assert not set("".join(codes)) & set("ILO01ilo ")
    assert len(codes) == 50


def test_a_code_works_once(marie: Victim) -> None:
    code = drawn(marie)
    new_phone().pair(code)
    again = new_phone().pair(code)

    assert (again.status, again.error) == (403, "wrong_code")
    assert Phone.objects.count() == 1


def test_a_code_works_for_ten_minutes(marie: Victim) -> None:
    assert new_phone().pair(drawn(marie, minutes_ago=10)).status == 403
    assert new_phone().pair(drawn(marie, minutes_ago=9)).status == 201


def test_a_new_code_ends_the_older_one(marie: Victim) -> None:
    older, newer = drawn(marie), drawn(marie)

    assert new_phone().pair(older).status == 403
    assert new_phone().pair(newer).status == 201


def test_ten_wrong_codes_stop_that_peer_and_nobody_else(marie: Victim) -> None:
    paul = new_phone("203.0.113.9")
    statuses = [paul.pair("AAAABBBB").status for _ in range(11)]
    code = drawn(marie)
    stopped = paul.pair(code)

    assert statuses == [403] * 10 + [429]
    assert (stopped.status, stopped.error) == (429, "too_many_tries")
    assert 0 < int(stopped.headers["Retry-After"]) <= 600
    assert new_phone("192.0.2.1").pair(code).status == 201
    assert "203.0.113.9" not in PairingGuess.objects.values_list("peer_digest", flat=True)


def test_ten_minutes_later_the_peer_may_try_again(marie: Victim) -> None:
    paul = new_phone()
    for _ in range(10):
        paul.pair("AAAABBBB")
    PairingGuess.objects.update(at=timezone.now() - timedelta(minutes=10))

    assert paul.pair("AAAABBBB").status == 403
    assert PairingGuess.objects.count() == 1


@pytest.mark.parametrize("code", ["", "\x00", "é", "ß" * 64, "ABCDEFG", " - "])
def test_a_strange_code_is_a_wrong_one(marie: Victim, code: str) -> None:
    drawn(marie)

    assert new_phone().pair(code).error == "wrong_code"


def test_a_revoked_phone_opens_nothing_any_more(marie: Victim) -> None:
    make_phone(marie)
    companion = Companion()
    alert = companion.click().json["alert"]["id"]

    assert (companion.forget().status, companion.forget().status) == (204, 401)
    assert companion.click().status == 401
    assert companion.close(alert, "4711").status == 401
    assert OwnTracks().report(at=timezone.now()).status == 401
    assert TraccarClient().report(at=timezone.now()).status == 400


def test_her_web_password_opens_nothing_here(marie: Victim) -> None:
    make_phone(marie)

    assert Companion(token="une phrase longue et calme").call("GET", "/alert").status == 401
    assert OwnTracks(username="marie", token="une phrase longue et calme").report(at=timezone.now()).status == 401


def test_the_osmand_id_is_good_for_nothing_else(marie: Victim) -> None:
    make_phone(marie)

    assert Companion(token=OSMAND_ID).call("GET", "/alert").status == 401
    assert OwnTracks(token=OSMAND_ID).publish({}).status == 401
    assert TraccarClient(osmand_id=PHONE_TOKEN).report(at=timezone.now()).status == 400


def test_settings_tell_the_phone_what_it_does_of_itself(marie: Victim) -> None:
    make_phone(marie)
    Victim.objects.update(siren=True, recording=False)

    told = Companion().settings()

    assert set(told) == {"siren", "recording", "interval_seconds", "osmand_id", "owntracks_link", "traccar_link"}
    assert (told["siren"], told["recording"], told["osmand_id"]) == (True, False, OSMAND_ID)
    assert 1 <= told["interval_seconds"] <= 30


def test_her_phone_knows_where_a_text_of_hers_is_heard(marie: Victim, settings: Settings) -> None:
    make_phone(marie)
    told = []
    for number, hers in ((OUR_NUMBER, marie.phone_digest), (OUR_NUMBER, ""), ("", marie.phone_digest)):
        settings.SHERIF = replace(settings.SHERIF, inbound_number=number)
        Victim.objects.update(phone_digest=hers)
        told.append(Companion().call("GET", "/inbound").json)

    assert told == [{"number": OUR_NUMBER}, {"number": None}, {"number": None}]
    assert Companion(token="").call("GET", "/inbound").status == 401


@pytest.mark.parametrize("token", [PHONE_TOKEN, "a", "ab", "abc"])
def test_one_tap_sets_owntracks_up(marie: Victim, token: str) -> None:
    make_phone(marie, token=token)
    link = Companion(token=token).settings()["owntracks_link"]

    assert link.startswith("owntracks:///config?inline=")
    inline = link.partition("inline=")[2]
    assert inline.isalnum()  # neither padding nor anything that an address escapes
    configuration = json.loads(b64decode(inline, validate=True))
    assert configuration["_type"] == "configuration"
    assert configuration["mode"] == 3
    assert configuration["url"] == f"{settings.SHERIF.public_url}/api/v1/owntracks"
    own = OwnTracks(username=configuration["username"], token=configuration["password"])
    assert own.publish({"_type": "status"}).status == 200


def test_one_tap_sets_traccar_client_up(marie: Victim) -> None:
    make_phone(marie)
    link = urlsplit(Companion().settings()["traccar_link"])

    assert link.scheme == "org.traccar.client"
    told = parse_qs(link.query)
    assert told["url"] == [f"{settings.SHERIF.public_url}/api/v1/osmand"]
    assert TraccarClient(osmand_id=told["id"][0]).report(at=timezone.now()).status == 200
