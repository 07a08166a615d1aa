"""Her three messages: the SMS as each of her relatives will read it, what it takes, and the call that they hear."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from alerts import links
from alerts.domain import messages
from alerts.domain.messages import gsm
from alerts.forms_hers import MessagesForm
from alerts.models import Victim
from alerts.states import AlertKind, Channel, Gesture, Occasion
from alerts.views.profile import saved
from alerts.views.signed import fresh, hers

_KINDS = {
    "text_prevention": AlertKind.PREVENTION,
    "text_rescue": AlertKind.RESCUE,
    "text_alarm": AlertKind.ALARM,
}
_TOKEN = "Exemple0Exemple0Exempl"  # noqa: S105 - as long as a real one, and opens nothing
_PLACES = {
    "fr": messages.Place(text="Compiègne (60)", spoken="à Compiègne, dans l'Oise"),
    "en": messages.Place(text="Compiègne (60)", spoken="in Compiègne, Oise"),
}
_GAP = "@@@."  # stands where her words go, and ends by itself


@dataclass(frozen=True, kw_only=True)
class Frame:
    """A text around her words: what stands before and after them, and the service's own where she wrote none."""

    before: str
    after: str
    bare: str
    text: str

    @property
    def places(self) -> int:
        """Places taken of the 160 of one SMS."""
        return gsm.places(self.text)

    @property
    def segments(self) -> int:
        """How many SMS it makes, each paid for."""
        return gsm.segments(self.text)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What those who read one language get: who they are, the SMS, and the call if there is one."""

    language: str
    language_name: str
    names: tuple[str, ...]
    sms: Frame
    call: Frame | None
    keys: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One message: its field, what it becomes in each language, and the characters that are not sent as they stand."""

    field: BoundField
    readings: tuple[Reading, ...]
    changed: tuple[str, ...]
    doubled: tuple[str, ...]


@require_http_methods(["GET", "POST"])
@hers
@fresh
def texts(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Write, look at, store; without scripts the button "preview" shows what the others would read."""
    initial = {name: getattr(victim, name) for name in MessagesForm.base_fields}
    form = MessagesForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_bound or not form.is_valid() or "preview" in request.POST:
        words: dict[str, Any] = initial | (form.cleaned_data if form.is_bound else {})
        now = timezone.now()
        previews = [_preview(victim, form[name], str(words.get(name) or ""), now=now) for name in _KINDS]
        return render(request, "alerts/profile_messages.html", {"form": form, "previews": previews})
    return saved(request, victim, form.cleaned_data)


def _preview(victim: Victim, field: BoundField, own: str, *, now: datetime) -> Preview:
    return Preview(
        field=field,
        readings=tuple(
            _reading(victim, _KINDS[field.name], own, language=language, names=names, now=now)
            for language, names in _readers(victim, _KINDS[field.name]).items()
        ),
        changed=tuple(gsm.changed(own)),
        doubled=tuple(gsm.doubled(own)),
    )


def _readers(victim: Victim, kind: AlertKind) -> dict[str, tuple[str, ...]]:
    """The names of those who are told of this click, by language; her own language while her list is empty."""
    gesture = Gesture.SINGLE if kind is AlertKind.PREVENTION else Gesture.DOUBLE
    told: dict[str, tuple[str, ...]] = {}
    for contact in victim.contacts.told(gesture):
        told[contact.language] = (*told.get(contact.language, ()), contact.name)
    return told or {victim.language: ()}


def _reading(
    victim: Victim, kind: AlertKind, own: str, *, language: str, names: tuple[str, ...], now: datetime
) -> Reading:
    def tell(words: str) -> messages.Telling:
        return messages.Telling(
            occasion=Occasion.CLICK,
            kind=kind,
            name=victim.name,
            at=now,
            time_zone=victim.time_zone,
            language=language,
            place=_PLACES.get(language, _PLACES["fr"]),
            link=links.url(_TOKEN),
            own_text=words,
            phone_allowed=victim.phone_allowed,
        )

    def frame(channel: Channel) -> Frame:
        before, _, after = messages.compose(tell(_GAP), channel).text.partition(_GAP)
        bare, text = messages.compose(tell(""), channel).text, messages.compose(tell(own), channel).text
        return Frame(before=before, after=after, bare=bare, text=text)

    return Reading(
        language=language,
        language_name=str(dict(settings.LANGUAGES).get(language, "")),
        names=names,
        sms=frame(Channel.SMS),
        call=None if kind is AlertKind.PREVENTION else frame(Channel.VOICE),
        keys=messages.keys_spoken(language, drill=False),
    )
