"""The API as her phone meets it: a real server, a real network, a database that stops and comes back."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from tests import services
from tests.campaign import hearing, sounding
from tests.campaign.sounding import Sounding
from tests.phones import Companion, OverHttp, OwnTracks, TraccarClient, position
from tests.server import Server

pytestmark = [pytest.mark.slow]


@pytest.fixture(scope="module")
def database() -> Iterator[services.Server]:
    """A PostgreSQL server that these tests stop and freeze."""
    with services.postgresql() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service on SQLite, keys of recordings in a process of their own."""
    folder = tmp_path_factory.mktemp("sqlite")
    with Server(data_dir=folder, environ=sounding.environment(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def server_on_postgresql(database: services.Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service on PostgreSQL."""
    with Server(data_dir=tmp_path_factory.mktemp("postgresql"), environ={"DATABASE_URL": database.url}) as running:
        yield running


def phone_of(server: Server, cast: dict[str, Any]) -> Companion:
    """Marie's phone in this installation."""
    return Companion(wire=OverHttp(server.url), token=cast["phone"]["token"])


def test_a_thousand_copies_of_one_click_over_the_network(server: Server) -> None:
    cast = server.demo()
    uid = uuid4()

    with ThreadPoolExecutor(100) as pool:
        replies = list(pool.map(lambda _: phone_of(server, cast).click(uid=uid), range(1000)))

    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) <= {200, 201, 503}, statuses
    assert statuses[201] == 1
    assert all(reply.headers["Retry-After"] for reply in replies if reply.status == 503)
    assert len({reply.json["alert"]["id"] for reply in replies if reply.status != 503}) == 1
    assert phone_of(server, cast).click(uid=uid).status == 200


def test_sound_that_was_acknowledged_survives_every_death(server: Server) -> None:
    """Those who seal and sign are killed while ten telephones record; then the telephones, in mid-second."""
    played = Sounding(kills=5, pace=0.5, every=0.3, who=("web", "keyholder", "web"))

    heard = hearing.judge(*sounding.record(played, server), data_dir=server.data_dir)

    assert heard.nothing_lost, "\n".join(heard.lines())
    assert heard.acknowledged > 10 * played.phones // 2
    assert dict(heard.deaths) == {"web": 3, "keyholder": 2}


@pytest.mark.parametrize("outage", ["frozen", "stopped"])
def test_while_the_database_is_gone_her_phone_is_told_so_and_its_repeat_is_stored(
    server_on_postgresql: Server, database: services.Server, outage: str
) -> None:
    phone = phone_of(server_on_postgresql, server_on_postgresql.demo())
    uid = uuid4()
    assert phone.call("GET", "/alert").status == 200

    _begin(database, outage)
    began = time.monotonic()
    refused = [phone.click(uid=uid), phone.send([position(at=phone.now())]), phone.call("GET", "/alert")]
    took = time.monotonic() - began
    _end(database, outage)

    assert [reply.status for reply in refused] == [503] * 3, [reply.body for reply in refused]
    assert all(reply.json["error"]["code"] for reply in refused)
    assert all(int(reply.headers["Retry-After"]) >= 1 for reply in refused)
    assert took < 3 * 20
    reply = _until_stored(phone, uid)
    assert reply.status in {200, 201}


def _begin(database: services.Server, outage: str) -> None:
    if outage == "frozen":
        database.freeze()
    else:
        database.kill()


def _end(database: services.Server, outage: str) -> None:
    if outage == "frozen":
        database.thaw()
    else:
        database.start()


def _until_stored(phone: Companion, uid: Any) -> Any:
    """What the phone does: the same click again, each second."""
    for _ in range(30):
        reply = phone.click(uid=uid)
        if reply.status != 503:
            return reply
        time.sleep(float(reply.headers["Retry-After"]))
    raise AssertionError("the database came back and the click was never stored")


def test_nothing_that_says_who_or_where_she_is_reaches_the_log(server: Server) -> None:
    cast = server.demo()
    wire = OverHttp(server.url)
    phone, traccar = phone_of(server, cast), TraccarClient(wire=wire, osmand_id=cast["phone"]["osmand_id"])
    owntracks = OwnTracks(wire=wire, token=cast["phone"]["token"])
    place = (49.417912, 2.826134)
    alert = phone.click(where=position(*place, at=phone.now())).json["alert"]["id"]
    phone.send([position(*place, at=phone.now()), {"latitude": 49.417912, "name": "Marie"}])
    for body in (b"[" * 100_000, b"49.417912 Marie", b'{"code": "' + cast["phone"]["token"].encode() + b'"}'):
        for path in ("/clicks", "/positions", "/alert/close", "/pair", "/nothing", "/owntracks"):
            phone.call("POST", path, body)
            phone.call("PUT", path, body)
    for token in (cast["phone"]["token"], "wrong-" + cast["phone"]["token"]):
        OwnTracks(wire=wire, token=token).report(*place, at=phone.now())
    owntracks.publish(b"49.417912")
    for alarm in ("", "sos"):
        traccar.report(*place, at=phone.now(), alarm=alarm)
        traccar.report_as_json(*place, at=phone.now(), sos=bool(alarm))
        wire.send("GET", f"/api/v1/osmand?id={traccar.osmand_id}&lat=49.417912&lon=x", headers={})
    phone.close(alert, cast["victim"]["pin"] + "0")
    phone.close(alert, cast["victim"]["duress_pin"])
    phone.forget()

    said = server.said()
    secrets = [*cast["phone"].values(), "49.4179", "2.8261", "Nadia", "+336399800", "nadia@example.org"]
    lines = said.partition("Ctrl-C ends everything.")[2] or said  # the welcome of the demonstration names its people
    assert "Ctrl-C ends everything." in said
    for secret in [*secrets, "Marie"]:
        assert secret not in lines, lines
