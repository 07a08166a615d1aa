"""Numbers and places as they are read aloud over the telephone."""

from collections.abc import Mapping
from typing import Any

import phonenumbers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alerts.domain import whereabouts
from alerts.places import Place
from responders.domain import wording

State = Mapping[str, Any]
_FRANCE = 33


def number(text: str) -> str:
    """A telephone number in pairs, as France reads it; one from abroad with its country code."""
    if not text:
        return ""
    try:
        parsed = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return text
    is_french = parsed.country_code == _FRANCE
    style = phonenumbers.PhoneNumberFormat.NATIONAL if is_french else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, style).replace(" ", "\u00a0")  # it is read in one breath, on one line


def commune(place: Place) -> str:
    """à Compiègne, dans l'Oise (60): in the active language."""
    return f"{whereabouts.sentence(place, get_language() or 'fr')} ({place.departement.code})"


def capital(text: str) -> str:
    """The text as a line of its own: its first letter is a capital, the others stay."""
    return text[:1].upper() + text[1:]


def written(position: State | None, place: Place | None) -> str:
    """Compiègne, Oise (60), 49.41790, 2.82610: for a text message. static/js/parts/sheets.js writes the same."""
    if position is None:
        return ""
    exact = wording.coordinates(position["latitude"], position["longitude"])
    return f"{whereabouts.full(place, 'fr')}, {exact}" if place else exact


def measured() -> tuple[str, str]:
    """When a fix was taken, and how exact it is: the second half is left out where nobody knows."""
    return _("Position relevée à {time}"), _(", à {distance} près")


def fix(position: State, time: str) -> str:
    """The newest fix without its age, which would be wrong a moment later."""
    when, how = measured()
    said = when.format(time=time)
    if position["accuracy"] is not None:
        said += how.format(distance=wording.distance(wording.phrases(), position["accuracy"]))
    return said
