"""The outbox of the demonstration: five telephones that receive what a real network would have carried, and hers."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from alerts import access
from alerts.domain import calls, demonstration, ways
from alerts.models import Delivery
from alerts.providers.console import Entry

Given = ParamSpec("Given")
_LINKS = ("/r/", "/c/")
_DIGITS = 15  # of a number that SQLite can hold


def demonstration_only(
    view: Callable[Concatenate[HttpRequest, Given], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Given], HttpResponse]:
    """The same 404 as any absent page wherever real people may be told."""

    @wraps(view)
    def checked(request: HttpRequest, /, *args: Given.args, **kwargs: Given.kwargs) -> HttpResponse:
        if not (settings.SHERIF.console and demonstration.allowed()):
            raise Http404
        return view(request, *args, **kwargs)

    return checked


@require_GET
@demonstration_only
def page(request: HttpRequest) -> HttpResponse:
    """Her telephone and those of her relatives."""
    shown = demonstration.load()
    phone = access.phone_by_token(shown.phone.token) if shown else None
    if shown is None or phone is None:
        return render(request, "alerts/outbox_empty.html")
    contacts = list(phone.victim.contacts.kept())
    return render(
        request,
        "alerts/outbox.html",
        {
            "victim": phone.victim,
            "contacts": contacts,
            "pin": shown.victim.pin,
            "duress_pin": shown.victim.duress_pin,
            "hers": {"token": shown.phone.token},
            "words": _words(),
        },
    )


@require_GET
@demonstration_only
def messages(request: HttpRequest) -> HttpResponse:
    """What arrived after `after`."""
    after = request.GET.get("after", "0")[:_DIGITS]
    entries = ways.outbox().entries(int(after) if after.isascii() and after.isdigit() else 0)
    sent_to = dict(
        Delivery.objects.filter(
            pk__in=[entry.delivery for entry in entries], contact__victim__account__username=_victim()
        ).values_list("pk", "contact_id")
    )
    lines = [_line(entry, sent_to[entry.delivery]) for entry in entries if entry.delivery in sent_to]
    return JsonResponse({"entries": lines, "number": entries[-1].number if entries else 0})


def _victim() -> str:
    shown = demonstration.load()
    return shown.victim.username if shown else ""


def _line(entry: Entry, contact: int) -> dict[str, Any]:
    return {
        "number": entry.number,
        "contact": contact,
        "channel": entry.channel,
        "delivery": str(entry.delivery),
        "language": entry.language,
        "subject": entry.subject,
        "text": entry.text,
        "link": _link(entry.text),
        "prompt": entry.prompt,
        "at": entry.at,
    }


def _link(text: str) -> str:
    """Our own link in a text: nothing else becomes one."""
    starts = (text.find(f"{settings.SHERIF.public_url}{path}") for path in _LINKS)
    start = max(starts)
    return text[start:].split(maxsplit=1)[0] if start >= 0 else ""


@require_POST
@demonstration_only
def keys(request: HttpRequest, delivery: UUID) -> HttpResponse:
    """A key pressed on one of the telephones: what the voice says next."""
    call = calls.call_of(delivery)
    if call is None:
        raise Http404
    said = calls.press(call, request.POST.get("key", "")[:1], now=timezone.now())
    return JsonResponse({"text": said.text, "prompt": said.prompt, "language": said.language, "again": said.again})


def _words() -> dict[str, str]:
    return {
        "call": _("Appel"),
        "listen": _("Écouter"),
        "take": _("Je prends en charge"),
        "repeat": _("Réécouter"),
        "decline": _("Je ne peux pas"),
        "mail": _("E-mail"),
        "sms": _("SMS"),
        "idle": _("Aucune alerte en cours. Sa position n'est ni envoyée ni gardée."),
        "prevention": _("Prévention"),
        "rescue": _("Secours"),
        "alarm": _("Alarme"),
        "openSince": _("alerte ouverte depuis"),
        "nobody": _("Personne n'a encore pris en charge."),
        "inCharge": _("En charge :"),
        "opened": _("Liens ouverts :"),
        "closed": _("Alerte fermée. Tout le monde est prévenu."),
        "sent": _("Clic envoyé."),
        "kept": _("Pas de réseau : gardé sur le téléphone, envoyé dès le retour."),
        "refused": _("Le service a refusé :"),
        "unreachable": _("Le service ne répond pas : nouvel essai dans un instant."),
        "wrongPin": _("Code faux : l'alerte reste ouverte."),
        "offline": _("Rendre le réseau"),
        "online": _("Couper le réseau"),
        "walk": _("Rejouer une marche"),
        "stop": _("Arrêter la marche"),
        "walking": _("En marche :"),
        "walked": _("La marche est finie."),
        "waiting": _("en attente d'envoi :"),
        "lost": _("Les téléphones ne répondent plus : nouvel essai."),
    }
