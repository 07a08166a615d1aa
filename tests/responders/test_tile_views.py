"""The door of the base map: who may look, what a browser keeps, and a slow tile server that delays no click."""

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting
from alerts.states import AlertState
from responders import basemap
from sherif_web import env_tiles
from sherif_web.env_reader import Reader
from tests.archives import write_archive
from tests.people import NADIA, PASSWORD, make_karim, make_marie, make_phone
from tests.phones import Companion
from tests.responders.scenes import KEY, cut_off, open_place, rescue
from tests.tileserver import Mood, TileServer, picture, tile_server
from tests.web import web_process
from tests.wires import OverHttp

HERE = "/tiles/14/8320/5600"
CLICKS, LOOKERS = 10, 60


@pytest.fixture
def upstream() -> Iterator[TileServer]:
    with tile_server() as running:
        yield running


@pytest.fixture
def _tiles(upstream: TileServer, settings: Settings, tmp_path: Path) -> Iterator[None]:
    tiles = env_tiles.Tiles(template=upstream.url, attribution="© the test")
    settings.SHERIF = replace(settings.SHERIF, tiles=tiles, data_dir=tmp_path)
    yield
    if ground := basemap.here():
        ground.base.close()


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_a_contact_who_opened_the_link_sees_the_map_and_only_the_browser_keeps_it(upstream: TileServer) -> None:
    _place, nadia = open_place(rescue(), NADIA)
    answer = nadia.get(HERE)

    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/png", picture())
    assert answer["Cache-Control"] == "private, max-age=43200, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer
    assert "cookie" not in upstream.headers[0]


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_nobody_uses_it_as_a_proxy(upstream: TileServer, client: Client) -> None:
    alert = rescue()
    _place, nadia = open_place(alert, NADIA)
    client.cookies["visit"], client.cookies["session"] = KEY, "forged"
    assert (client.get(HERE).status_code, client.get(HERE).content) == (404, b"")
    assert Client().get(HERE).status_code == 404

    cut_off(alert, NADIA)
    assert nadia.get(HERE).status_code == 404
    assert upstream.asked == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_after_the_end_nobody_looks_at_a_map_any_more() -> None:
    alert = rescue()
    _place, nadia = open_place(alert, NADIA)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    assert nadia.get(HERE).status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_she_and_her_advocate_see_it_when_signed_in() -> None:
    make_marie()
    make_karim()
    for username in ("marie", "karim"):
        browser = Client()
        assert browser.login(username=username, password=PASSWORD)
        assert browser.get(HERE).status_code == 200, username


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_a_map_of_thirty_tiles_asks_the_database_once(django_assert_max_num_queries: object) -> None:
    _place, nadia = open_place(rescue(), NADIA)
    assert nadia.get(HERE).status_code == 200
    with django_assert_max_num_queries(0):  # type: ignore[operator]
        assert {nadia.get(f"/tiles/14/{x}/5600").status_code for x in range(30)} == {200}


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
@pytest.mark.parametrize("path", ["/tiles/14/16384/0", "/tiles/99/0/0", f"/tiles/{'9' * 5000}/0/0", "/tiles/1/-1/0"])
def test_an_address_outside_the_world_is_no_picture(path: str, upstream: TileServer) -> None:
    _place, nadia = open_place(rescue(), NADIA)
    assert nadia.get(path).status_code in {204, 404}
    assert upstream.asked == []


@pytest.mark.django_db
@pytest.mark.usefixtures("_tiles")
def test_while_the_server_fails_the_answer_is_no_picture_and_no_error(upstream: TileServer) -> None:
    upstream.mood = Mood.FAILING
    _place, nadia = open_place(rescue(), NADIA)
    answers = [nadia.get(f"/tiles/14/{x}/5600") for x in range(30)]

    assert {(answer.status_code, answer["Cache-Control"]) for answer in answers} == {(204, "no-store")}
    assert len(upstream.asked) == 3


@pytest.mark.django_db
def test_without_a_base_map_there_is_no_picture(settings: Settings) -> None:
    settings.SHERIF = replace(settings.SHERIF, tiles=env_tiles.Tiles())
    _place, nadia = open_place(rescue(), NADIA)
    assert nadia.get(HERE).status_code == 204


@pytest.mark.django_db
def test_a_file_on_this_machine_tells_nobody_where_is_looked(settings: Settings, tmp_path: Path) -> None:
    path = write_archive(tmp_path / "oise.pmtiles", [(14, 8320, 5600), (14, 8321, 5600), (0, 0, 0)])
    reader = Reader({"SHERIF_TILES": str(path)})
    settings.SHERIF = replace(settings.SHERIF, tiles=env_tiles.read(reader), data_dir=tmp_path)
    assert reader.problems == []
    _place, nadia = open_place(rescue(), NADIA)

    assert nadia.get(HERE).content == picture()
    assert nadia.get("/tiles/14/8325/5600").status_code == 204
    ground = basemap.here()
    assert ground
    assert (ground.attribution, ground.deepest) == ("© IGN", 14)
    assert not (tmp_path / "tiles").exists(), "what lies here already is not kept twice"


@pytest.mark.django_db(transaction=True)
def test_a_tile_server_that_hangs_delays_no_click(upstream: TileServer) -> None:
    upstream.mood = Mood.HANGING
    _place, nadia = open_place(rescue("lucie"), NADIA)
    make_phone(make_marie())
    cookie = f"visit={nadia.cookies['visit'].value}"
    with web_process({"SHERIF_TILES": upstream.url}) as web, ThreadPoolExecutor(LOOKERS) as crowd:
        marie = Companion(wire=OverHttp(web.url))

        def look(number: int) -> int:
            asked = http.client.HTTPConnection("127.0.0.1", web.port, timeout=30)
            asked.request("GET", f"/tiles/14/{number}/1", headers={"Cookie": cookie})
            status = asked.getresponse().status
            asked.close()
            return status

        looking = [crowd.submit(look, number) for number in range(LOOKERS)]
        took = []
        for _click in range(CLICKS):
            began = time.monotonic()
            assert marie.click().status in {200, 201}
            took.append(time.monotonic() - began)
        assert sorted(took)[CLICKS // 2] < 0.5
        assert max(took) < 2
        assert {looked.result() for looked in looking} == {204}
        assert "8320" not in web.said
