"""An alert that is over, as a paper to take away: what happened in words, nobody's position, nobody's number."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils import formats
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from alerts.domain import timeline, zones
from alerts.domain.timeline import About
from alerts.models import Alert, Event
from alerts.papers import Paper
from alerts.states import AlertKind


def paper(alert: Alert, events: Sequence[Event]) -> Paper:
    """These lines (the newest first) as a paper in the active language, in her time zone, the oldest first."""
    zone = zones.of(alert.victim.time_zone)
    told = list(reversed(events))
    about = _about_words()
    rows = []
    for event in told:
        at = event.at.astimezone(zone)
        subject = about[About(str(timeline.facts(event)["about"]))]
        rows.append((f"{at:%Y-%m-%d}", f"{at:%H:%M:%S}", subject, timeline.words(event, placed=False)))
    return Paper(
        language=get_language() or "fr",
        title=_("Ce qui s'est passé"),
        facts=_facts(alert, told),
        columns=(_("Date"), _("Heure"), _("Sujet"), _("Texte")),
        rows=rows,
        foot=_("Écrit par le service à partir de ce qu'il a enregistré. Aucune position n'y figure."),
    )


def file_name(alert: Alert, ending: str) -> str:
    """A dull name with the day of the alert, in her time zone."""
    day = alert.opened_at.astimezone(zones.of(alert.victim.time_zone))
    return f"{_('Carnet').lower()}-{day:%Y-%m-%d}.{ending}"


def span(alert: Alert, events: Sequence[Event]) -> tuple[datetime, datetime]:
    """When these lines begin and end, in her time zone."""
    zone = zones.of(alert.victim.time_zone)
    moments = [event.at.astimezone(zone) for event in events] or [alert.opened_at.astimezone(zone)]
    return min(moments), max(moments)


def _facts(alert: Alert, events: Sequence[Event]) -> list[str]:
    begun, ended = span(alert, events)
    kind = timeline.kind_words(AlertKind(alert.kind))
    facts = [_("Alerte de %(name)s : %(kind)s") % {"name": alert.victim.name, "kind": kind}]
    if alert.drill:
        facts.append(_("EXERCICE : ceci n'était pas une vraie alerte."))
    day = formats.date_format(begun.date(), "j F Y" if get_language() == "fr" else "DATE_FORMAT")
    facts.append(
        _("Le %(day)s, de %(begun)s à %(ended)s (%(zone)s)")
        % {"day": day, "begun": f"{begun:%H:%M}", "ended": f"{ended:%H:%M}", "zone": alert.victim.time_zone}
    )
    return facts


def _about_words() -> Mapping[About, str]:
    return {
        About.PEOPLE: _("personnes"),
        About.MESSAGES: _("appels et messages"),
        About.POSITIONS: _("position"),
    }
