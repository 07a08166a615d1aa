"""The words of the live page, once for both of its hands: the server writes the first view, the browser renews it.

`phrases` goes to the browser as it stands; static/js/pure/wording.js says the same sentences with it. Both are held
together by the cases of tests/responders/wording_cases.json.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from alerts.domain import zones

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STILL, _WALKING = 0.5, 2.5  # metres per second
_KILOMETRE = 1_000
_TEN_KILOMETRES = 10_000
_MOST_NAMES = 3
UNSURE_AFTER = 300  # seconds

Phrases = Mapping[str, str]


def phrases() -> dict[str, str]:
    """Every sentence that changes while the page is open, in the active language; {braces} are filled by name."""
    return {
        "decimal": _(","),
        "second": _("{n} s"),
        "minute": _("{n} min"),
        "hour": _("{h} h {m}"),
        "day": _("{d} j {h} h"),
        "metre": _("{n} m"),
        "kilometre": _("{n} km"),
        "since": _("depuis {time}, {age}"),
        "live": _("en direct, il y a {age}"),
        "late": _("EN RETARD {age}"),
        "lost": _("PERDUE depuis {time}"),
        "unknown": _("position pas encore connue"),
        "accuracy": _("±{distance}"),
        "battery": _("batterie {percent} %"),
        "still": _("immobile"),
        "walking": _("à pied"),
        "fast": _("{n} km/h"),
        "title_prevention": _("{name} vous prévient"),
        "title_rescue": _("{name} a besoin d'aide"),
        "title_alarm": _("{name} a besoin d'aide"),
        "kind_prevention": _("Prévention"),
        "kind_rescue": _("Secours"),
        "kind_alarm": _("Alarme"),
        "kind_ended": _("Terminée"),
        "nobody_17": _("Personne n'a encore appelé le 17"),
        "calling_17": _("{name} appelle le 17 depuis {time}"),
        "unsure_17": _("{name} a appelé le 17 à {time} sans dire la suite : appelez"),
        "reached_17": _("{name} a eu le 17, appel de {time}"),
        "not_reached_17": _("{name} n'a pas eu le 17 : appelez"),
        "drill_17": _("Exercice : personne n'appelle le 17"),
        "noted": _("{said} : {note}"),
        "key_nobody": _("pas encore appelé"),
        "key_calling": _("{name} appelle"),
        "key_reached": _("{name} l'a eu"),
        "key_again": _("appelez"),
        "nobody_in_charge": _("Personne n'a pris en charge"),
        "in_charge": _("En charge : {name}"),
        "in_charge_you": _("En charge : vous"),
        "in_charge_sms": _("En charge : {name} (par SMS)"),
        "in_charge_you_sms": _("En charge : vous (par SMS)"),
        "closed": _("{name} a mis fin à l'alerte"),
        "closed_under_duress": _("Alerte close sous contrainte : considérez {name} en danger"),
        "expired": _("L'alerte est arrivée à son terme"),
        "role_nobody": _("personne encore"),
        "role_in_charge": _("en charge"),
        "role_calling": _("appelle le 17"),
        "role_reached": _("a eu le 17"),
        "role_go": _("y va"),
        "role_children": _("s'occupe des enfants"),
        "role_stand_by": _("reste disponible"),
        "role_opened": _("a ouvert le lien"),
        "role_unopened": _("n'a pas ouvert le lien"),
        "you": _("{name} (vous)"),
        "list_two": _("{one} et {two}"),
        "list_more": _("{names} et {n} autres"),
        "away": _("à {distance} de {name}, {direction}"),
        "away_old": _("{away}, il y a {age}"),
        "away_you": _("vous êtes à {distance}, {name} est {direction}"),
        "direction_0": _("au nord"),
        "direction_1": _("au nord-est"),
        "direction_2": _("à l'est"),
        "direction_3": _("au sud-est"),
        "direction_4": _("au sud"),
        "direction_5": _("au sud-ouest"),
        "direction_6": _("à l'ouest"),
        "direction_7": _("au nord-ouest"),
    }


def acting() -> dict[str, str]:
    """What only the browser says: answers to taps, the state of the connection, the map."""
    return {
        "sending": _("Envoi"),
        "sent": _("C'est dit aux autres"),
        "unsent": _("Pas encore envoyé : {what}. Nouvel essai. Le 17 marche sans Internet"),
        "refused": _("Refusé"),
        "take_over": _("{name} a déjà pris en charge. Prendre le relais ?"),
        "take_over_yes": _("Prendre le relais"),
        "share_too": _("Les autres peuvent voir où vous êtes, si vous le voulez. Restez à distance."),
        "copied": _("Copié"),
        "not_copied": _("Copie refusée : appuyez longuement sur la position"),
        "stream_live": _("Liaison directe"),
        "stream_polling": _("Liaison lente : mise à jour toutes les quelques secondes"),
        "stream_connecting": _("Liaison en cours"),
        "stream_offline": _("Liaison coupée : nouvel essai. Ce qui suit peut avoir changé"),
        "stream_ended": _("Alerte terminée"),
        "locating": _("Recherche de votre position"),
        "location_refused": _("Position refusée par ce téléphone"),
        "sharing": _("Les autres proches voient où vous êtes"),
        "not_erased": _("Pas de réseau : votre position va être effacée"),
        "not_sharing": _("Personne ne voit où vous êtes"),
        "lost_now": _("La position de {name} n'arrive plus"),
        "found_again": _("La position de {name} arrive de nouveau"),
        "zoom_in": _("Agrandir"),
        "zoom_out": _("Réduire"),
        "explore": _("Explorer la carte"),
        "fold": _("Replier la carte"),
        "north": _("N"),
    }


def age(words: Phrases, seconds: float) -> str:
    """A duration in seconds, as coarse as it is long."""
    whole = max(int(seconds), 0)
    if whole < _MINUTE:
        return words["second"].format(n=whole)
    if whole < _HOUR:
        return words["minute"].format(n=whole // _MINUTE)
    if whole < _DAY:
        return words["hour"].format(h=whole // _HOUR, m=f"{whole % _HOUR // _MINUTE:02d}")
    return words["day"].format(d=whole // _DAY, h=whole % _DAY // _HOUR)


def distance(words: Phrases, metres: float) -> str:
    """Metres as a person would say them: 12 m, 340 m, 1,2 km, 14 km."""
    if metres < _KILOMETRE:
        exact = round_half_up(metres) if metres < 100 else round_half_up(metres / 10) * 10  # noqa: PLR2004
        if exact < _KILOMETRE:
            return words["metre"].format(n=exact)
    if metres < _TEN_KILOMETRES:
        tenths = round_half_up(metres / 100)
        return words["kilometre"].format(n=f"{tenths // 10}{words['decimal']}{tenths % 10}")
    return words["kilometre"].format(n=round_half_up(metres / _KILOMETRE))


def round_half_up(value: float) -> int:
    """As JavaScript rounds: both hands must say the same."""
    return int(value + 0.5)


def direction(words: Phrases, degrees: float) -> str:
    """One of eight points of the compass, with its preposition."""
    return words[f"direction_{round_half_up(degrees / 45) % 8}"]


def clock(at: datetime, zone: str) -> str:
    """21:04 in her time zone."""
    return zones.clock(at, zone)


def fix(words: Phrases, position: Mapping[str, object] | None, *, seconds: float, freshness: str, lost_at: str) -> str:
    """The state of the newest fix in words: how fresh, how exact, how fast, how full the battery."""
    if position is None:
        return words["unknown"]
    parts = [words[freshness].format(age=age(words, seconds), time=lost_at)]
    accuracy, speed, battery = position["accuracy"], position["speed"], position["battery"]
    if isinstance(accuracy, float | int):
        parts.append(words["accuracy"].format(distance=distance(words, accuracy)))
    if isinstance(speed, float | int) and freshness != "lost":
        parts.append(pace(words, speed))
    if isinstance(battery, int):
        parts.append(words["battery"].format(percent=battery))
    return ", ".join(parts)


def seventeen(words: Phrases, call: Mapping[str, Any] | None, *, seconds: float, time: str) -> tuple[str, str]:
    """How calling 17 stands, as a word and as a sentence; `call` is the most telling one, begun so many seconds ago.

    A call that goes on for five minutes without a word may be none: somebody touched the key and put it away.
    """
    if call is None:
        return "nobody", words["nobody_17"]
    state = call["outcome"] or ("calling" if seconds < UNSURE_AFTER else "unsure")
    said = words[f"{state}_17"].format(name=call["by"], time=time)
    return state, words["noted"].format(said=said, note=call["note"]) if call["note"] else said


def on_key(words: Phrases, state: str, name: str) -> str:
    """The same on the key that calls: whoever is about to call reads first who does already."""
    phrase = state if state in {"nobody", "calling", "reached"} else "again"
    return words[f"key_{phrase}"].format(name=name)


def together(words: Phrases, names: Sequence[str]) -> str:
    """Names in a sentence: Nadia et Thomas; Nadia, Thomas et 2 autres."""
    if len(names) > _MOST_NAMES:
        return words["list_more"].format(names=", ".join(names[:2]), n=len(names) - 2)
    *others, last = names
    return words["list_two"].format(one=", ".join(others), two=last) if others else last


def pace(words: Phrases, speed: float) -> str:
    """Metres per second as a way of moving."""
    if speed < _STILL:
        return words["still"]
    if speed < _WALKING:
        return words["walking"]
    return words["fast"].format(n=round_half_up(speed * 3.6))


def coordinates(latitude: float, longitude: float) -> str:
    """Decimal degrees (WGS 84) to about a metre, as every map application reads them."""
    return f"{latitude:.5f}, {longitude:.5f}"
