"""Her list of relatives: add, invite, change, order, remove, take back."""

from datetime import UTC, datetime

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts import access
from alerts.domain import consenting, contacts, inviting, numbers, reaching
from alerts.domain.messages import invitation
from alerts.forms import ContactForm
from alerts.models import MOST_CONTACTS, Contact, Victim
from alerts.states import Channel, ContactState, DeliveryState, Gesture
from alerts.views import steps
from alerts.views.profile import standing_still
from alerts.views.signed import fresh, hers

_REMOVED = "removed"
_STEPS = {"up": -1, "down": 1}


@require_safe
@hers
def listing(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Her relatives in her order, whole numbers hidden."""
    listed = contacts.relatives(victim)
    removal = _removal(request)
    ways = reaching.ways(listed, now=timezone.now())
    facts = {
        "relatives": [
            {
                "contact": contact,
                "number": numbers.hidden(contact.phone_number),
                "state": consenting.looks(contact),
                "unreachable": reaching.is_unreachable(ways[contact.pk]),
            }
            for contact in listed
        ],
        "on_call": contacts.on_call_line(victim),
        "most": MOST_CONTACTS,
        "full": len(listed) >= MOST_CONTACTS,
        "following": steps.following(victim),
        "undo": removal is not None and contacts.can_take_back(removal, now=timezone.now()),
    }
    return render(request, "alerts/profile_contacts.html", facts)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def add(request: HttpRequest, victim: Victim) -> HttpResponse:
    """A relative more."""
    form = ContactForm(request.POST or None, initial={"language": victim.language})
    if form.is_bound and form.is_valid() and _kept(request, victim, form, contact=None):
        return redirect("alerts:contacts")
    return _card(request, form, victim=victim, contact=None)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def change(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """One relative."""
    contact = _own(victim, pk)
    if contact.rank > MOST_CONTACTS:
        raise Http404
    form = ContactForm(request.POST or None, initial=ContactForm.initial_of(contact))
    if form.is_bound and form.is_valid() and _kept(request, victim, form, contact=contact):
        return redirect("alerts:contacts")
    return _card(request, form, victim=victim, contact=contact)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def invite(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """The invitation, once more; a plain visit of the address sends nothing."""
    contact = _own(victim, pk)
    if contact.rank > MOST_CONTACTS:
        raise Http404
    if request.method == "POST":
        _invite(request, contact)
    return redirect("alerts:contact", pk=contact.pk)


@require_http_methods(["GET", "POST"])
@hers
@fresh
def shift(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """One place up or down."""
    contact = _own(victim, pk)
    by = _STEPS.get(request.POST.get("to", ""))
    if by is not None and contact.rank <= MOST_CONTACTS:
        try:
            contacts.shift(contact, by=by, now=timezone.now())
        except contacts.FrozenError:
            messages.warning(request, standing_still())
    return redirect("alerts:contacts")


@require_http_methods(["GET", "POST"])
@hers
@fresh
def remove(request: HttpRequest, victim: Victim, *, pk: int) -> HttpResponse:
    """Out of the list, with a minute to take it back; a plain visit of the address changes nothing."""
    contact = _own(victim, pk)
    if request.method == "POST":
        try:
            removal = contacts.remove(contact, now=timezone.now())
        except contacts.FrozenError:
            messages.warning(request, standing_still())
        else:
            request.session[_REMOVED] = [removal.contact, removal.was, removal.at.timestamp()]
    return redirect("alerts:contacts")


@require_POST
@hers
def take_back(request: HttpRequest, victim: Victim) -> HttpResponse:
    """Undo the last removal of this session: it needed the password a minute ago, and only puts back what was."""
    removal = _removal(request)
    request.session.pop(_REMOVED, None)
    try:
        if removal is None:
            raise contacts.TooLateError
        contacts.take_back(victim, removal, now=timezone.now())
    except contacts.ListError as error:
        messages.warning(request, _refusal(error))
    else:
        messages.success(request, _("Cette personne est de nouveau dans votre liste."))
    return redirect("alerts:contacts")


def _card(request: HttpRequest, form: ContactForm, *, victim: Victim, contact: Contact | None) -> HttpResponse:
    facts: dict[str, object] = {
        "form": form,
        "contact": contact,
        "ways": [form["by_sms"], form["by_voice"], form["by_email"]],
        "others": contact is not None and contact.channels(Gesture.DOUBLE),
        "our_number": _our_number(),
        "all_may_ring": victim.phone_allowed,
    }
    if contact is not None:
        facts |= _standing(contact)
    return render(request, "alerts/profile_contact.html", facts)


def _standing(contact: Contact) -> dict[str, object]:
    """What this relative answered, the invitation that would leave, and what became of the last messages."""
    sample = invitation.sms(contact.victim.name, language=contact.language, link=inviting.example_link())
    last = inviting.last(contact)
    return {
        "state": consenting.looks(contact),
        "can_invite": inviting.way(contact),
        "sample": sample,
        "last": last,
        "last_failed": last is not None and last.state == DeliveryState.FAILED,
        "reach": reaching.ways([contact], now=timezone.now())[contact.pk],
    }


def _invite(request: HttpRequest, contact: Contact, *, before: str = "") -> None:
    """Send it and say so, in one message with what was done `before`."""
    try:
        inviting.invite(contact, now=timezone.now())
    except contacts.ListError as error:
        messages.warning(request, f"{before} {_refusal(error)}".strip())
    else:
        by_mail = inviting.way(contact) is Channel.EMAIL
        left = _("L'invitation part par e-mail.") if by_mail else _("L'invitation part par SMS.")
        messages.success(request, f"{before} {left}".strip())


def _our_number() -> str:
    """The number that may be written to, as people write it; a short one as it stands."""
    number: str = settings.SHERIF.inbound_number
    return numbers.national(number) if number.startswith("+") else number


def _own(victim: Victim, pk: int) -> Contact:
    contact = access.contact_of(victim, pk)
    if contact is None:
        raise Http404
    return contact


def _removal(request: HttpRequest) -> contacts.Removal | None:
    kept = request.session.get(_REMOVED)
    if kept is None:
        return None
    pk, was, at = kept
    return contacts.Removal(contact=pk, was=ContactState(was), at=datetime.fromtimestamp(at, tz=UTC))


def _kept(request: HttpRequest, victim: Victim, form: ContactForm, *, contact: Contact | None) -> bool:
    """Store the card of a valid form; a refusal becomes an error of the form or, during an alert, a message."""
    now = timezone.now()
    try:
        if contact is None:
            stored = contacts.add(victim, form.card(), now=now)
        else:
            stored = contacts.change(contact, form.card(), now=now)
    except contacts.FrozenError:
        messages.warning(request, standing_still())
        return True
    except (contacts.NumberKnownError, contacts.OwnNumberError) as error:
        form.add_error("phone_number", _refusal(error))
        return False
    except contacts.FullError as error:
        form.add_error(None, _refusal(error))
        return False
    if form.cleaned_data["invite"]:
        _invite(request, stored, before=_("C'est enregistré."))
    else:
        messages.success(request, _("C'est enregistré."))
    return True


def _refusal(error: contacts.ListError) -> str:
    sentences = {
        contacts.FrozenError: standing_still(),
        contacts.FullError: _("Votre liste compte déjà cinq personnes. Retirez-en une d'abord."),
        contacts.NumberKnownError: _("Une autre personne de votre liste a déjà ce numéro."),
        contacts.OwnNumberError: _("C'est votre propre numéro : donnez celui d'une autre personne."),
        contacts.TooLateError: _("La minute est passée. Ajoutez cette personne de nouveau."),
        inviting.NoWayError: _("Ni SMS ni e-mail pour cette personne : lisez-lui vous-même ce que cela veut dire."),
        inviting.TooOftenError: _("Assez d'invitations sont parties pour aujourd'hui. Réessayez demain."),
    }
    return sentences[type(error)]
