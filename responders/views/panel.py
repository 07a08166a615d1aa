"""The snapshot as the words and values of the first view; from then on static/js/pages/live.js renews them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import uuid4
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from alerts.domain import tracking
from alerts.models import Link
from alerts.states import AlertState, EventKind
from responders import basemap, livemap
from responders.domain import geometry, mapwords, roomwords, visiting, wording

State = Mapping[str, Any]


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


def live(link: Link, state: State, *, now: datetime) -> dict[str, object]:
    """Everything that live.html shows; call it under the contact's language."""
    speaker = _speaker(link, now=now)
    position, track = state["position"], state["track"]
    tiles = basemap.told()
    ages = [int((now - _moment(stop[2])).total_seconds()) for stop in track]
    return {
        **_common(link, state, speaker),
        "fix": _fix(position, speaker),
        "coordinates": _coordinates(position),
        "geo": _geo(position, link.alert.victim.name),
        "seventeen": _seventeen(state, speaker),
        "charge": _charge(state, speaker),
        "people": [_person(person, state, speaker) for person in state["responders"]],
        "own": next((person for person in state["responders"] if person["you"]), None),
        "heirs": [p for p in state["responders"] if p["opened"] and not p["you"]],
        "sheet": _sheet(link, state, speaker),
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
        "words": {**speaker.words, **wording.acting(), **roomwords.door(), **mapwords.on_the_map()},
        "snapshot": {**state, "track": [], "deliveries": []},  # the map's script carries the track
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
        "timeline": [
            {"time": speaker.clock(line["at"]), "is_loud": line["kind"] in _LOUD, **line} for line in state["timeline"]
        ],
    }


_LOUD = frozenset(
    {
        EventKind.OPENED,
        EventKind.UPGRADED,
        EventKind.CLOSED,
        EventKind.FALSE_ALARM,
        EventKind.EXPIRED,
        EventKind.CLOSED_UNDER_DURESS,
        EventKind.GO,
        EventKind.CHILDREN,
        EventKind.CALL_17,
        EventKind.REACHED_17,
        EventKind.NOT_REACHED_17,
        EventKind.TAKE_CHARGE,
        EventKind.HAND_OVER,
        EventKind.RELEASE,
        EventKind.CUT_OFF,
        EventKind.DECLINED,
        EventKind.ROUND_1,
        EventKind.ROUND_2,
        EventKind.ROUND_3,
        EventKind.ON_CALL,
        EventKind.EXHAUSTED,
        EventKind.NOBODY_REACHED,
    }
)


def _fix(position: State | None, speaker: Speaker) -> dict[str, str]:
    freshness = position["freshness"] if position else "lost"
    seconds = position["age_seconds"] if position else 0.0
    lost_at = speaker.clock(position["fixed_at"]) if position else ""
    spoken = wording.fix(speaker.words, position, seconds=seconds, freshness=freshness, lost_at=lost_at)
    return {"freshness": freshness if position else "unknown", "words": spoken}


def _coordinates(position: State | None) -> str:
    return wording.coordinates(position["latitude"], position["longitude"]) if position else ""


def _geo(position: State | None, name: str) -> str:
    """RFC 5870; the query is what map applications of telephones need to set a pin."""
    if position is None:
        return ""
    place = f"{position['latitude']:.6f},{position['longitude']:.6f}"
    return f"geo:{place}?q={place}({quote(name)})"


def _seventeen(state: State, speaker: Speaker) -> dict[str, str]:
    call, words = state["seventeen"], speaker.words
    if state["alert"]["drill"]:
        return {"state": "drill", "words": words["drill_17"]}
    if call is None:
        return {"state": "nobody", "words": words["nobody_17"]}
    outcome = call["outcome"] or "calling"
    is_own = any(person["you"] and person["name"] == call["by"] for person in state["responders"])
    return {
        "state": outcome,
        "own": "yes" if is_own and outcome == "calling" else "",
        "words": words[f"{outcome}_17"].format(name=call["by"], time=speaker.clock(call["since"])),
    }


def _charge(state: State, speaker: Speaker) -> dict[str, str]:
    if state["in_charge"] is None:
        return {"state": "nobody", "words": speaker.words["nobody_in_charge"]}
    way = "_sms" if any(person["in_charge_by"] == "sms" for person in state["responders"]) else ""
    if any(person["you"] and person["in_charge"] for person in state["responders"]):
        return {"state": "you", "words": speaker.words[f"in_charge_you{way}"]}
    return {"state": "other", "words": speaker.words[f"in_charge{way}"].format(name=state["in_charge"])}


def _person(person: State, state: State, speaker: Speaker) -> dict[str, object]:
    words, shared, position = speaker.words, person["position"], state["position"]
    role = person["role"] or ("opened" if person["opened"] else "unopened")
    parts = [words["role_in_charge"]] if person["in_charge"] else []
    if role != "opened" or not parts:
        parts.append(words[f"role_{role}"])
    if shared and position:
        own, hers = (shared["latitude"], shared["longitude"]), (position["latitude"], position["longitude"])
        away = wording.distance(words, geometry.distance(own, hers))
        direction = wording.direction(words, geometry.bearing(own, hers))
        key = "away_you" if person["you"] else "away"
        parts.append(words[key].format(distance=away, name=state["victim"]["name"], direction=direction))
    name = words["you"].format(name=person["name"]) if person["you"] else person["name"]
    return {**person, "spoken_name": name, "words": ", ".join(parts)}


def _sheet(link: Link, state: State, speaker: Speaker) -> dict[str, object]:
    """What to say to the operator, in the operator's order (interior ministry, service-public)."""
    victim, position = link.alert.victim, state["position"]
    with override("fr"):  # whoever answers reads French, whatever language the contact reads
        text = _text_114(link, state, speaker)
        filled = text.replace("{place}", _coordinates(position) or _("inconnue"))
    return {
        "where": _where(position),
        "home": victim.home,
        "coordinates": _coordinates(position),
        "what": _what(state, speaker),
        "own_number": _spoken_number(link.contact.phone_number),
        "her_number": _spoken_number(victim.phone_number),
        "text": text,
        "sms": f"sms:114?body={quote(filled)}",  # RFC 5724
    }


def _where(position: State | None) -> str:
    if not position or not position["commune"]:
        return ""
    departement = position["departement"]
    return f"{position['commune']} ({departement['name']}, {departement['code']})"


def _what(state: State, speaker: Speaker) -> str:
    name, kind = state["victim"]["name"], state["alert"]["kind"]
    time = speaker.clock(state["alert"]["opened_at"])
    sentences = {
        "prevention": _("%(name)s a prévenu ses proches avec son bouton d'alerte à %(time)s."),
        "rescue": _("%(name)s a demandé du secours avec son bouton d'alerte à %(time)s."),
        "alarm": _("%(name)s a donné l'alarme avec son bouton d'alerte à %(time)s."),
    }
    said = sentences[kind] % {"name": name, "time": time}
    threat = _("Personne menacée de violences conjugales.")  # apart: gettext does not look inside an f-string
    return f"{said} {threat}"


def _spoken_number(number: str) -> str:
    """A number as it is read aloud in France, abroad with its country code."""
    if not number:
        return ""
    try:
        parsed = phonenumbers.parse(number, "FR")
    except phonenumbers.NumberParseException:
        return number
    is_french = parsed.country_code == 33  # noqa: PLR2004 - the country code of France
    style = phonenumbers.PhoneNumberFormat.NATIONAL if is_french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style)


def _text_114(link: Link, state: State, speaker: Speaker) -> str:
    """The 114 needs the place in the first message; {place} is filled now and renewed by the browser."""
    parts = [_("DANGER. %(what)s Je ne suis pas avec elle.") % {"what": _what(state, speaker)}]
    if home := " ".join(link.alert.victim.home.split()):
        parts.append(_("Domicile : %(home)s.") % {"home": home})
    parts.append(_("Position du téléphone : {place}."))
    return " ".join(parts)


def _moment(text: str) -> datetime:
    moment = parse_datetime(text)
    if moment is None:
        raise ValueError(text)
    return moment.astimezone(ZoneInfo("UTC"))
