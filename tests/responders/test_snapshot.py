"""The snapshot: the contract's shape, as many queries for a long alert as for a short one, no place after the end."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.domain import alerting
from alerts.models import Alert, Delivery, Link
from alerts.states import AlertState, EventKind
from responders.domain import coordinating, deeds, snapshot
from tests.people import AWA, NADIA, THOMAS, YANN
from tests.responders.scenes import COMPIEGNE, cut_off, link_of, open_place, rescue, walk

pytestmark = pytest.mark.django_db
QUERIES = 8


def _read(link: Link, *, now: datetime) -> dict[str, Any]:
    return snapshot.read(link, now=now)


def test_the_snapshot_has_the_keys_of_the_contract() -> None:
    state = _read(link_of(rescue(), NADIA), now=timezone.now())

    assert list(state) == [
        "type", "server_now", "sequence", "alert", "victim", "position", "track", "deliveries", "responders",
        "in_charge", "seventeen", "calls", "room", "timeline",
    ]  # fmt: skip
    assert state["victim"] == {"name": "Marie", "phone_allowed": False}
    assert state["alert"]["kind"] == "rescue"
    assert state["alert"].keys() == {"kind", "state", "ended", "drill", "opened_at"}
    assert state["position"].keys() >= {
        "latitude", "longitude", "accuracy", "speed", "battery", "age_seconds", "freshness", "commune", "insee",
        "departement", "near",
    }  # fmt: skip
    assert {"name", "opened", "role", "position"} <= state["responders"][0].keys()
    assert {"sequence", "at", "kind", "about", "message", "text"} == state["timeline"][0].keys()


def test_no_number_and_no_address_of_anybody_is_in_it() -> None:
    text = str(_read(link_of(rescue(), NADIA), now=timezone.now()))

    assert "+33" not in text
    assert "@" not in text


def test_a_long_alert_costs_as_many_queries_as_a_short_one() -> None:
    alert, now = rescue(), timezone.now()
    link = link_of(alert, NADIA)
    counts = []
    for steps in (1, 40, 400):
        walk(alert, steps, now=now)
        for person in (THOMAS, AWA, YANN)[: steps % 7]:
            open_place(alert, person)
        with CaptureQueriesContext(connection) as queries:
            _read(link, now=now)
        counts.append(len(queries))

    assert Delivery.objects.filter(alert=alert).count() == 15
    assert counts == [QUERIES] * 3


def test_a_track_of_an_hour_is_thinned_and_keeps_its_ends() -> None:
    alert, now = rescue(), timezone.now()
    walk(alert, 1_000, now=now)

    track = _read(link_of(alert, NADIA), now=now)["track"]

    assert isinstance(track, list)
    assert 100 < len(track) <= snapshot.MOST_TRACK_POINTS
    assert track[0][:2] == [round(part + 2e-5, 5) for part in COMPIEGNE]
    assert track[-1][:2] == [round(part + 1_000 * 2e-5, 5) for part in COMPIEGNE]


@pytest.mark.parametrize(("seconds", "freshness"), [(0, "live"), (31, "late"), (301, "lost")])
def test_an_old_fix_is_never_live(seconds: int, freshness: str) -> None:
    alert = rescue()
    position = _read(link_of(alert, NADIA), now=timezone.now() + timedelta(seconds=seconds))["position"]

    assert position["freshness"] == freshness
    assert position["age_seconds"] >= seconds


@pytest.mark.parametrize("how", ["closed", "expired", "past its cap"])
def test_after_the_end_nobody_is_anywhere(how: str) -> None:
    alert, now = rescue(), timezone.now()
    link = link_of(alert, NADIA)
    coordinating.share(link, deeds.Place(latitude=49.5, longitude=2.9), now=now)
    told = "Compiègne"
    assert any(told in line["text"] for line in _read(link, now=now)["timeline"])
    if how == "closed":
        alerting.close(alert, AlertState.CLOSED, reason="safe", now=now)
    elif how == "expired":
        alerting.expire(alert, now=now)
    else:
        Alert.objects.filter(pk=alert.pk).update(expires_at=now)

    state = _read(link, now=now)

    assert (state["position"], state["track"]) == (None, [])
    assert {person["position"] for person in state["responders"]} == {None}
    assert not any(told in line["text"] for line in state["timeline"])
    assert state["alert"]["ended"] is True


def test_a_close_under_duress_goes_on_for_the_contacts_in_plain_words() -> None:
    alert, now = rescue(), timezone.now()
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=now)

    state = _read(link_of(alert, NADIA), now=now)

    assert (state["alert"]["state"], state["alert"]["ended"]) == ("closed_under_duress", False)
    assert state["position"] is not None
    assert "contrainte" in state["timeline"][0]["text"]


def test_who_is_cut_off_is_nobody_s_responder_any_more() -> None:
    alert = rescue()
    cut_off(alert, THOMAS)

    state = _read(link_of(alert, NADIA), now=timezone.now())

    assert "Thomas" not in [person["name"] for person in state["responders"]]


def test_the_page_s_json_is_the_snapshot() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    answer = nadia.get(f"{place}snapshot").json()

    assert answer["type"] == "snapshot"
    assert answer["timeline"][0]["kind"] == EventKind.LINK_OPENED
    assert [person["opened"] for person in answer["responders"]] == [True, False, False, False, False]


def test_a_stranger_s_snapshot_is_an_error_in_json() -> None:
    place, _nadia = open_place(rescue(), NADIA)
    _other, stranger = open_place(rescue("lea"), NADIA)

    answer = stranger.get(f"{place}snapshot")

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
