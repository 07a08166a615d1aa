"""Her three messages, with the SMS as her relatives will read it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from alerts import links
from alerts.domain import messages
from alerts.domain.messages import gsm
from alerts.forms import MessagesForm
from alerts.models import Victim
from alerts.states import AlertKind, Occasion
from alerts.views.profile import saved
from alerts.views.signed import fresh, hers

_KINDS = {
    "text_prevention": AlertKind.PREVENTION,
    "text_rescue": AlertKind.RESCUE,
    "text_alarm": AlertKind.ALARM,
}
_TOKEN = "Exemple0Exemple0Exempl"  # noqa: S105 - as long as a real one, and opens nothing
_PLACE = messages.Place(text="49.4179,2.8261")
_GAP = "@@@"  # stands where her words go


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One message: its field, the SMS around her words, the service's own, and the SMS as it stands."""

    field: BoundField
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
        """How many SMS it makes."""
        return gsm.segments(self.text)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def texts(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Write, look at, store; without scripts the button "preview" shows what the others would read."""
    now = timezone.now()
    initial = {name: getattr(victim, name) for name in MessagesForm.base_fields}
    form = MessagesForm(request.POST if request.method == "POST" else None, initial=initial)
    if not form.is_bound or not form.is_valid() or "preview" in request.POST:
        words: dict[str, Any] = initial | (form.cleaned_data if form.is_bound else {})
        previews = [_preview(victim, form[name], str(words.get(name) or ""), now=now) for name in _KINDS]
        return render(request, "alerts/profile_messages.html", {"form": form, "previews": previews})
    return saved(request, victim, form.cleaned_data)


def _preview(victim: Victim, field: BoundField, own: str, *, now: datetime) -> Preview:
    kind = _KINDS[field.name]
    before, _, after = _sms(victim, kind, own=_GAP, now=now).partition(_GAP)
    return Preview(
        field=field,
        before=before,
        after=after,
        bare=_sms(victim, kind, own="", now=now),
        text=_sms(victim, kind, own=own, now=now),
    )


def _sms(victim: Victim, kind: AlertKind, *, own: str, now: datetime) -> str:
    return messages.sms(
        messages.Telling(
            occasion=Occasion.CLICK,
            kind=kind,
            name=victim.name,
            at=now,
            time_zone=victim.time_zone,
            language=victim.language,
            place=_PLACE,
            link=links.url(_TOKEN),
            own_text=own,
            phone_allowed=victim.phone_allowed,
        )
    )
