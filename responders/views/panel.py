"""The snapshot as the words and values of the first view; from then on static/js/pages/live.js renews them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alerts.domain import stories, tracking
from alerts.models import Link
from alerts.states import AlertState
from responders import basemap, livemap
from responders.domain import geometry, mapwords, roomwords, sheet, visiting, wording
from responders.states import RoleKind
from responders.views import story

State = Mapping[str, Any]
_FIRST_LINES = 120  # of a long alert: what is dropped are receipts, and the first view weighs at most 60 KB


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Who reads, when, and with which words."""

    words: wording.Phrases
    zone: str
    now: datetime

    def clock(self, moment: str) -> str:
        """A moment of the snapshot as 21:04."""
        return wording.clock(_moment(moment), self.zone)

    def age(self, moment: str) -> str:
        """How long ago a moment of the snapshot was."""
        return wording.age(self.words, (self.now - _moment(moment)).total_seconds())


def live(link: Link, state: State, *, now: datetime, apple: bool) -> dict[str, object]:
    """Everything that live.html and sayings.html show; call it under the contact's language."""
    speaker = _speaker(link, now=now)
    position, track = state["position"], state["track"]
    tiles = basemap.told()
    ages = [int((now - _moment(stop[2])).total_seconds()) for stop in track]
    return {
        **_common(link, state, speaker),
        "fix": _fix(position, speaker),
        "located": _located(position),
        "streets": settings.SHERIF.streets != "",
        "coordinates": _coordinates(position),
        "geo": _geo(position, link.alert.victim.name),
        "seventeen": _seventeen(state, speaker),
        "doing": {role: _doing(role, state, speaker) for role in RoleKind},
        "charge": _charge(state, speaker),
        "people": [_person(person, state, speaker) for person in state["responders"]],
        "own": next((person for person in state["responders"] if person["you"]), None),
        "heirs": [p for p in state["responders"] if p["opened"] and not p["you"]],
        "sheet": sheet.read(link, state, now=now, apple=apple),
        "map": livemap.draw(position, track, ages, pictures=bool(tiles and not tiles["rests"])),
        "settings": {
            "place": link.place,
            "zone": speaker.zone,
            "language": get_language(),
            "me": link.contact_id,
            "late_after": tracking.LATE_AFTER.total_seconds(),
            "lost_after": tracking.LOST_AFTER.total_seconds(),
            "tiles": tiles,
        },
        "words": {
            **speaker.words,
            **wording.acting(),
            **roomwords.door(),
            **stories.phrases(),
            **mapwords.on_the_map(),
        },
        # The map's script carries the track, the list on the page the newest lines; the socket brings the others.
        "timeline": story.entries(stories.kept(state["timeline"], most=_FIRST_LINES), speaker.clock),
        "snapshot": {**state, "track": [], "deliveries": [], "timeline": []},
        "uid": uuid4,
    }


def ended(link: Link, state: State, *, now: datetime) -> dict[str, object]:
    """Everything that ended.html shows: how it ended, never where."""
    speaker = _speaker(link, now=now)
    over = visiting.ended_at(link.alert, now=now)
    reasons = {
        "safe": _("Sur son téléphone : en sécurité"),
        "false_alarm": _("Sur son téléphone : fausse alerte"),
    }
    return {
        **_common(link, state, speaker),
        "how": speaker.words[state["alert"]["state"]].format(name=link.alert.victim.name),
        "reason": reasons.get(link.alert.reason, "") if link.alert.state == AlertState.CLOSED else "",
        "ended_at": wording.clock(over, speaker.zone),
    }


def _speaker(link: Link, *, now: datetime) -> Speaker:
    return Speaker(words=wording.phrases(), zone=link.alert.victim.time_zone, now=now)


def _common(link: Link, state: State, speaker: Speaker) -> dict[str, object]:
    name, kind, opened_at = link.alert.victim.name, state["alert"]["kind"], state["alert"]["opened_at"]
    words = speaker.words
    return {
        "name": name,
        "place": link.place,
        "kind": kind,
        "drill": state["alert"]["drill"],
        "duress": state["alert"]["state"] == AlertState.CLOSED_UNDER_DURESS,
        "duress_words": words["closed_under_duress"].format(name=name),
        "title": words[f"title_{kind}"].format(name=name),
        "kind_words": words[f"kind_{kind}"],
        "since": words["since"].format(time=speaker.clock(opened_at), age=speaker.age(opened_at)),
        "phone_allowed": state["victim"]["phone_allowed"],
        "timeline": story.entries(state["timeline"], speaker.clock),
    }


def _fix(position: State | None, speaker: Speaker) -> dict[str, str]:
    freshness = position["freshness"] if position else "lost"
    seconds = position["age_seconds"] if position else 0.0
    lost_at = speaker.clock(position["fixed_at"]) if position else ""
    spoken = wording.fix(speaker.words, position, seconds=seconds, freshness=freshness, lost_at=lost_at)
    return {"freshness": freshness if position else "unknown", "words": spoken}


def _located(position: State | None) -> dict[str, str]:
    """Street, commune and what is beside it, in the reader's language; empty where nothing is known."""
    language, parts = get_language() or "fr", ("street", "where", "beside")
    return {part: (position[part] or {}).get(language, "") for part in parts} if position else {}


def _coordinates(position: State | None) -> str:
    return wording.coordinates(position["latitude"], position["longitude"]) if position else ""


def _geo(position: State | None, name: str) -> str:
    """RFC 5870; the query is what map applications of telephones need to set a pin."""
    if position is None:
        return ""
    place = f"{position['latitude']:.6f},{position['longitude']:.6f}"
    return f"geo:{place}?q={place}({quote(name)})"


def _seventeen(state: State, speaker: Speaker) -> dict[str, object]:
    call: State | None = next(iter(state["calls"]), None)
    words = speaker.words
    if state["alert"]["drill"]:
        return {"state": "drill", "words": words["drill_17"]}
    seconds = (speaker.now - _moment(call["since"])).total_seconds() if call else 0.0
    time = speaker.clock(call["since"]) if call else ""
    how, said = wording.seventeen(words, call, seconds=seconds, time=time)
    own = next((person["contact"] for person in state["responders"] if person["you"]), None)
    return {
        "state": how,
        "words": said,
        "key": wording.on_key(words, how, call["by"] if call else ""),
        "asked": any(one["contact"] == own and one["outcome"] is None for one in state["calls"]),
        "by_another": call is not None and how in {"calling", "reached"} and call["contact"] != own,
    }


def _doing(role: RoleKind, state: State, speaker: Speaker) -> dict[str, object]:
    """Who does it already, for the button that offers to do it; that nobody stands by is no gap."""
    names = [person["name"] for person in state["responders"] if person["role"] == role]
    if names:
        return {"words": wording.together(speaker.words, names)}
    return {"nobody": True, "words": "" if role is RoleKind.STAND_BY else speaker.words["role_nobody"]}


def _charge(state: State, speaker: Speaker) -> dict[str, str]:
    if state["in_charge"] is None:
        return {"state": "nobody", "words": speaker.words["nobody_in_charge"]}
    way = "_sms" if any(person["in_charge_by"] == "sms" for person in state["responders"]) else ""
    if any(person["you"] and person["in_charge"] for person in state["responders"]):
        return {"state": "you", "words": speaker.words[f"in_charge_you{way}"]}
    return {"state": "other", "words": speaker.words[f"in_charge{way}"].format(name=state["in_charge"])}


def _person(person: State, state: State, speaker: Speaker) -> dict[str, object]:
    words, role = speaker.words, person["role"] or ("opened" if person["opened"] else "unopened")
    parts = [words["role_in_charge"]] if person["in_charge"] else []
    parts += [words[f"role_{how}"] for how in _called(person, state)]
    if role != "opened" or not parts:
        parts.append(words[f"role_{role}"])
    if person["position"] and state["position"]:
        parts.append(_away(person, state, speaker))
    name = words["you"].format(name=person["name"]) if person["you"] else person["name"]
    return {**person, "spoken_name": name, "words": ", ".join(parts)}


def _called(person: State, state: State) -> list[str]:
    """What this person's calls to 17 came to, in one word at most: a call that goes on, else one that got through."""
    ends = {call["outcome"] for call in state["calls"] if call["contact"] == person["contact"]}
    return ["calling"] if None in ends else ["reached"] if "reached" in ends else []


def _away(person: State, state: State, speaker: Speaker) -> str:
    """How far and in which direction: from her for the others, towards her for the reader."""
    words, shared, hers = speaker.words, person["position"], state["position"]
    ends = [(place["latitude"], place["longitude"]) for place in (shared, hers)]
    start, end = ends if person["you"] else reversed(ends)
    said = words["away_you" if person["you"] else "away"].format(
        distance=wording.distance(words, geometry.distance(start, end)),
        name=state["victim"]["name"],
        direction=wording.direction(words, geometry.bearing(start, end)),
    )
    seconds = (speaker.now - _moment(shared["at"])).total_seconds()
    if seconds <= tracking.LOST_AFTER.total_seconds():
        return said
    return words["away_old"].format(away=said, age=wording.age(words, seconds))


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    return moment.astimezone(ZoneInfo("UTC"))
