"""What responders do: nine actions, from a form or as JSON, once each, for everybody to see."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from alerts.domain import alerting, responding
from alerts.models import Alert, Event
from alerts.states import Action, AlertState
from responders.domain import snapshot
from responders.models import Escalation, SharedPosition
from tests.people import AWA, NADIA, THOMAS
from tests.responders.scenes import cut_off, link_of, open_place, rescue

pytestmark = pytest.mark.django_db


def _post(browser: Client, place: str, **body: Any) -> HttpResponse:
    answer: Any = browser.post(f"{place}act", json.dumps(body), content_type="application/json")
    return answer  # type: ignore[no-any-return]


def _kinds(alert: Alert) -> list[str]:
    return list(Event.objects.filter(alert=alert).order_by("sequence").values_list("kind", flat=True))


def _state(alert: Alert) -> dict[str, Any]:
    return snapshot.read(link_of(alert, NADIA), now=timezone.now())


def test_taking_charge_needs_no_script() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    answer = nadia.post(f"{place}act", {"action": "take_charge", "id": str(uuid4())})

    assert (answer.status_code, answer.headers["Location"]) == (303, place)
    assert "En charge : vous" in nadia.get(place).content.decode()
    assert _state(alert)["in_charge"] == "Nadia"


def test_who_takes_charge_by_sms_is_shown_so_to_everybody_and_to_the_true_sender_first() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    responding.take_charge(alert.pk, link_of(alert, NADIA).contact, responding.Act(by="sms"), now=timezone.now())

    assert "En charge : vous (par SMS)" in nadia.get(place).content.decode()
    assert "En charge : Nadia (par SMS)" in thomas.get(there).content.decode()
    assert "Nadia prend en charge (par SMS)" in thomas.get(there).content.decode()

    _post(thomas, there, action="take_charge", over=True)
    assert "En charge : Thomas<" in nadia.get(place).content.decode()


@pytest.mark.parametrize("action", [str(action) for action in Action if action is not Action.HAND_OVER])
def test_each_action_is_one_line_that_everybody_reads(action: str) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    if action == "release":
        _post(nadia, place, action="take_charge")

    answer = _post(nadia, place, action=action, id=str(uuid4()), at=timezone.now().isoformat())

    assert answer.status_code == 200
    assert json.loads(answer.content) == {"ok": True, "sequence": _state(alert)["sequence"]}
    assert _kinds(alert)[-1] == action


def test_the_same_id_again_changes_nothing() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    uid = str(uuid4())

    answers = [_post(nadia, place, action="call_17", id=uid).status_code for _again in range(3)]

    assert answers == [200, 200, 200]
    assert _kinds(alert).count("call_17") == Escalation.objects.count() == 1


def test_an_id_that_served_for_something_else_is_refused() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    uid = str(uuid4())
    _post(nadia, place, action="go", id=uid)

    answers = [_post(nadia, place, action="children", id=uid), _post(thomas, there, action="go", id=uid)]

    assert [json.loads(answer.content)["error"]["code"] for answer in answers] == ["id_reused", "id_reused"]


def test_taking_charge_from_another_says_the_name_then_asks_again() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    _post(nadia, place, action="take_charge")

    refused = _post(thomas, there, action="take_charge")
    assert refused.status_code == 409
    assert json.loads(refused.content)["error"]["fields"] == {"in_charge": "Nadia"}
    assert _state(alert)["in_charge"] == "Nadia"

    assert _post(thomas, there, action="take_charge", over=True).status_code == 200
    assert _state(alert)["in_charge"] == "Thomas"
    assert _kinds(alert)[-1] == "hand_over"


def test_without_scripts_the_refusal_is_a_page_that_offers_to_take_over() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)
    _post(nadia, place, action="take_charge")

    page = thomas.post(f"{there}act", {"action": "take_charge"})

    assert page.status_code == 409
    assert "Nadia a déjà pris en charge" in page.content.decode()
    assert 'name="over"' in page.content.decode()
    assert "tel:17" in page.content.decode()


def test_handing_over_needs_somebody_who_opened_the_link() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    open_place(alert, THOMAS)
    to = {person.name: link_of(alert, person).contact_id for person in (THOMAS, AWA)}

    assert _post(nadia, place, action="hand_over", to=to["Thomas"]).status_code == 409  # Nadia is not in charge
    _post(nadia, place, action="take_charge")
    assert _post(nadia, place, action="hand_over", to=to["Awa"]).status_code == 422
    assert _post(nadia, place, action="hand_over", to=to["Thomas"]).status_code == 200
    assert _state(alert)["in_charge"] == "Thomas"


def test_a_call_to_17_is_seen_with_its_outcome() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    there, thomas = open_place(alert, THOMAS)

    _post(nadia, place, action="call_17")
    calling = _state(alert)["seventeen"]
    assert (calling["by"], calling["outcome"]) == ("Nadia", None)

    _post(thomas, there, action="not_reached_17")
    assert _state(alert)["seventeen"]["by"] == "Nadia"  # her call goes on

    _post(nadia, place, action="reached_17")
    assert _state(alert)["seventeen"] | {"since": ""} == {"by": "Nadia", "since": "", "outcome": "reached"}


def test_a_drill_says_nothing_of_a_real_call_and_dials_nothing() -> None:
    alert = rescue(drill=True)
    place, nadia = open_place(alert, NADIA)

    refused = _post(nadia, place, action="call_17")
    page = nadia.get(place).content.decode()

    assert json.loads(refused.content)["error"]["code"] == "drill"
    assert not any(number in page for number in ("tel:17", "sms:114", "tel:112"))
    assert "EXERCICE" in page.upper()


def test_a_responder_has_one_role_at_a_time() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    for action in ("go", "children"):
        _post(nadia, place, action=action)

    assert _state(alert)["responders"][0]["role"] == "children"


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({"action": "dance"}, 422, {"action"}),
        ({}, 422, {"action"}),
        ({"action": ["go"]}, 422, {"action"}),
        ({"action": "go", "id": "not a uuid"}, 422, {"id"}),
        ({"action": "go", "at": "yesterday"}, 422, {"at"}),
        ({"action": "go", "at": "2026-13-45T99:00:00Z"}, 422, {"at"}),
        ({"action": "go", "note": {"a": 1}}, 422, {"note"}),
        ({"action": "take_charge", "over": "perhaps"}, 422, {"over"}),
        ({"action": "take_charge", "over": {}}, 422, {"over"}),
        ({"action": "hand_over", "to": "Nadia"}, 422, {"to"}),
        ({"action": "hand_over"}, 422, {"to"}),
    ],
)
def test_what_cannot_be_read_is_an_error_that_names_the_field(
    body: dict[str, Any], status: int, fields: set[str]
) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    before = _kinds(alert)

    answer = _post(nadia, place, **body)

    assert answer.status_code == status
    assert set(json.loads(answer.content)["error"]["fields"]) == fields
    assert _kinds(alert) == before


@pytest.mark.parametrize(
    ("raw", "status"), [("{", 400), ("[" * 9_000, 400), ("[]", 422), ("null", 422), ("x" * 20_000, 413), ("\x00", 400)]
)
def test_what_is_not_an_object_is_refused(raw: str, status: int) -> None:
    place, nadia = open_place(rescue(), NADIA)

    for path in ("act", "position"):
        answer = nadia.post(f"{place}{path}", raw, content_type="application/json")
        assert (answer.status_code, list(answer.json())) == (status, ["error"])


def test_a_note_is_kept_as_text_and_short() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    _post(nadia, place, action="go", note="<b>j'arrive\x00\n dans 5 min</b>" + "x" * 500)

    event = Event.objects.filter(alert=alert, kind="go").get()
    assert event.note.startswith("<b>j'arrive dans 5 min</b>")
    assert len(event.note) == 200
    assert "&lt;b&gt;j" in nadia.get(place).content.decode()


def test_after_the_end_nothing_is_changed() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())

    for body in ({"action": "take_charge"}, {"action": "call_17"}, {"action": "go"}):
        answer = _post(nadia, place, **body)
        assert (answer.status_code, json.loads(answer.content)["error"]["code"]) == (409, "ended")
    assert _kinds(alert)[-1] == "closed"
    assert not Escalation.objects.exists()


def test_under_duress_everything_goes_on() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    alerting.close(alert, AlertState.CLOSED_UNDER_DURESS, reason="safe", now=timezone.now())

    assert _post(nadia, place, action="take_charge").status_code == 200
    assert "considérez Marie en danger" in nadia.get(place).content.decode()


def test_who_has_no_place_here_does_nothing() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    stranger = Client()

    assert _post(stranger, place, action="go").status_code == 404
    assert stranger.post(f"{place}act", {"action": "go"}, headers={"accept-language": "fr"}).status_code == 404
    cut_off(alert, NADIA)
    assert _post(nadia, place, action="go").status_code == 404
    assert "go" not in _kinds(alert)


@pytest.mark.parametrize(
    "headers", [{"origin": "https://paul.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
)
def test_another_site_acts_for_nobody(headers: dict[str, str]) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)

    for path in ("act", "position"):
        assert nadia.post(f"{place}{path}", {"action": "go"}, headers=headers).status_code == 403
    assert "go" not in _kinds(alert)


def test_a_responder_shows_and_hides_where_she_is() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    here = json.dumps({"latitude": 49.43, "longitude": 2.83, "accuracy": 8})

    assert nadia.post(f"{place}position", here, content_type="application/json").json()["ok"] is True
    assert _state(alert)["responders"][0]["position"]["latitude"] == 49.43
    assert "à 1,4 km, Marie est au sud" in nadia.get(place).content.decode()

    assert nadia.delete(f"{place}position").json()["ok"] is True
    assert not SharedPosition.objects.exists()

    nadia.post(f"{place}position", here, content_type="application/json")
    assert nadia.post(f"{place}position", {"stop": "1"}).status_code == 303
    assert not SharedPosition.objects.exists()


@pytest.mark.parametrize(
    "body",
    ['{"latitude": 91, "longitude": 2}', '{"latitude": NaN, "longitude": 2}', '{"latitude": 1e999, "longitude": 2}',
     '{"latitude": 49}', '{"latitude": true, "longitude": 2}', '{"latitude": 49, "longitude": 2, "accuracy": -1}',
     '{"latitude": {}, "longitude": []}'],
)  # fmt: skip
def test_a_position_that_is_none_is_refused(body: str) -> None:
    place, nadia = open_place(rescue(), NADIA)

    answer = nadia.post(f"{place}position", body, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")
    assert not SharedPosition.objects.exists()
