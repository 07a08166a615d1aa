"""The map's script: numbers only, no third party, stable names; and names of people inert in the whole page."""

import re

import folium
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.models import Contact, Victim
from responders import livemap
from responders.domain import geometry
from tests.people import NADIA
from tests.responders.scenes import open_place, rescue

POSITION = {"latitude": 49.4179, "longitude": 2.8261, "accuracy": 12.0}
HOSTILE = "${alert(1)}</script><img src=x onerror=alert(2)>`"


def test_the_map_asks_for_nothing_and_styles_nothing() -> None:
    drawn = livemap.draw(POSITION, [(49.4178, 2.8260)], [4])

    assert drawn.html == '<div class="canvas" id="map_live"></div>'
    assert "http" not in drawn.script
    assert "<" not in drawn.script


def test_the_names_in_the_script_are_always_the_same() -> None:
    first, second = (livemap.draw(POSITION, [(49.4178, 2.8260)], [4]).script for _again in range(2))

    assert first == second
    assert all(name in first for name in ("map_live", "circle_accuracy", "poly_line_track", "circle_marker_her"))


def test_our_map_does_not_change_folium_s_for_anybody_else() -> None:
    assert livemap.QuietMap.default_js == []
    assert folium.Map.default_js


def test_a_coarse_fix_is_shown_whole() -> None:
    zooms = [
        int(re.findall(r'"zoom": (\d+)', livemap.draw(POSITION | {"accuracy": metres}, [], []).script)[0])
        for metres in (5, 200, 2_000, 50_000)
    ]
    assert zooms == sorted(zooms, reverse=True)
    assert len(set(zooms)) == 4


def test_without_pictures_the_communes_around_her_are_in_view() -> None:
    assert '"zoom": 16' in livemap.draw(POSITION, [], []).script
    assert '"zoom": 13' in livemap.draw(POSITION, [], [], pictures=False).script


def test_without_a_position_the_map_shows_the_country() -> None:
    assert '"zoom": 5' in livemap.draw(None, [], []).script


@pytest.mark.django_db
def test_names_are_inert_in_the_page_and_absent_from_its_script() -> None:
    alert = rescue()
    Victim.objects.filter(pk=alert.victim_id).update(name=HOSTILE, home=HOSTILE)
    place, nadia = open_place(alert, NADIA)
    Contact.objects.filter(victim=alert.victim_id).update(name=HOSTILE)

    page = nadia.get(place).content.decode()
    script = page.split('<script type="module" nonce=')[1].split("</script>")[0]

    assert "alert(" not in script
    assert HOSTILE not in page
    assert "<img" not in page
    assert page.count("<script") == page.count("</script>") == 6


@given(
    st.lists(
        st.tuples(st.floats(49.40, 49.43), st.floats(2.80, 2.84), st.integers()).map(tuple), min_size=2, max_size=900
    )
)
def test_a_thinned_track_keeps_its_ends_its_order_and_its_shape(track: list[tuple[float, float, int]]) -> None:
    kept = geometry.thin(track, 50)

    assert len(kept) <= max(50, 2)
    assert (kept[0], kept[-1]) == (track[0], track[-1])
    rest = iter(track)
    assert all(stop in rest for stop in kept)


def test_a_track_that_is_short_is_not_touched() -> None:
    track = [(49.4, 2.8, n) for n in range(300)]
    assert geometry.thin(track, 300) == track


def test_a_dropped_stop_lies_near_a_kept_one() -> None:
    track = [(49.4 + n * 1e-5, 2.8 + (n % 7) * 1e-5, n) for n in range(3_000)]
    kept = geometry.thin(track, 300)
    length = geometry.distance((49.4, 2.8), (49.43, 2.8))

    for stop in track[::50]:
        nearest = min(geometry.distance((stop[0], stop[1]), (other[0], other[1])) for other in kept)
        assert nearest < length / 100


def test_distances_and_directions_are_those_of_the_map() -> None:
    compiegne, noyon = (49.4179, 2.8261), (49.5810, 3.0020)
    assert geometry.distance(compiegne, noyon) == pytest.approx(22_130, abs=100)
    assert geometry.bearing(compiegne, noyon) == pytest.approx(35, abs=1)
    assert geometry.distance(compiegne, compiegne) == 0
