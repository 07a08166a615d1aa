"""Her telephones: which ones, since when unheard of, a code for another, and the end of one."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from alerts import access
from alerts.domain import enrolment, inbound, numbers, profile
from alerts.forms import PhoneForm
from alerts.models import PairingCode, Phone, Victim
from alerts.views import steps
from alerts.views.profile import standing_still
from alerts.views.signed import fresh, hers

_HALF = 4


@require_safe
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """The telephones whose credential works."""
    phones = Phone.objects.active().filter(victim=victim).order_by("-paired_at")
    facts = {"phones": phones, "following": steps.following(victim) if phones else None}
    return render(request, "alerts/profile_phones.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def pair(request: HttpRequest, victim: Victim) -> HttpResponse:
    """A code to type on the telephone, shown once; an older one stops working."""
    if request.method != "POST":
        return redirect("alerts:phones")
    now = timezone.now()
    code = enrolment.draw_pairing_code(victim, now=now)
    facts = {
        "her_url": settings.SHERIF.her_url,
        "code": code,
        "phones": Phone.objects.active().filter(victim=victim).count(),
        "halves": (code[:_HALF], code[_HALF:]),
        "until": now + PairingCode.VALID_FOR,
        "seconds": int(PairingCode.VALID_FOR.total_seconds()),
    }
    return render(request, "alerts/profile_pairing.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def change(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """The name of a telephone in her list."""
    phone = _own(victim, pk)
    form = PhoneForm(request.POST if request.method == "POST" else None, initial={"label": phone.label})
    if not form.is_bound or not form.is_valid():
        return render(request, "alerts/profile_phone.html", {"form": form, "phone": phone})
    enrolment.rename(phone, form.cleaned_data["label"], now=timezone.now())
    messages.success(request, _("C'est enregistré."))
    return redirect("alerts:phones")


@require_http_methods(["GET", "POST"])
@hers
@fresh
def revoke(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """Cut a telephone off. Not during an alert: it is what tells where she is."""
    phone = _own(victim, pk)
    now = timezone.now()
    if request.method != "POST":
        return render(request, "alerts/profile_revoke.html", {"phone": phone})
    if access.open_alert_of(victim, now=now):
        messages.warning(request, standing_still())
    elif enrolment.revoke(phone, now=now):
        messages.success(request, _("Ce téléphone n'est plus relié : il ne peut plus donner l'alerte."))
    return redirect("alerts:phones")


@require_safe
@hers
def by_text(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Clicks by SMS, for where there is no data: what is needed, what to write, and how to try it."""
    number = inbound.number_for(victim)
    facts = {
        "installed": bool(settings.SHERIF.inbound_number),
        "number": number,
        "shown": numbers.national(number) if number.startswith("+") else number,
        "hers": victim.phone_number[-2:],
        "paired": profile.has_phone(victim),
    }
    return render(request, "alerts/profile_by_text.html", facts)


def _own(victim: Victim, pk: int) -> Phone:
    phone = access.phone_of(victim, pk)
    if phone is None:
        raise Http404
    return phone
