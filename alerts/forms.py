"""What she types, read once at the edge: every refusal is a sentence that says what to do."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from alerts.domain import contacts, numbers
from alerts.models import Contact

NAME_LENGTH = 40
_REFUSALS = {
    numbers.Refusal.UNREADABLE: _("Ce numéro n'existe pas sous cette forme. Exemple : 06 12 34 56 78."),
    numbers.Refusal.SHORT: _(
        "Le service n'appelle jamais un numéro d'urgence ni un numéro court. Donnez celui d'une personne."
    ),
    numbers.Refusal.SERVICE: _("Ce numéro est celui d'un service, pas d'une personne. Donnez un mobile ou un fixe."),
    numbers.Refusal.FICTION: _("Ce numéro est réservé aux films et ne sonne nulle part. Donnez un vrai numéro."),
}


class OneLineField(forms.CharField):
    """A name or a short line: no line break, no control character, no direction mark."""

    def clean(self, value: Any) -> Any:
        """The trimmed text, inner runs of space and line breaks made one space."""
        text = super().clean(" ".join(str(value or "").split()))
        if not str(text).isprintable():
            raise forms.ValidationError(_("Ce texte contient un caractère invisible : tapez-le à nouveau."))
        return text


class TelephoneField(PhoneNumberField):  # type: ignore[misc]
    """A person's number, from what one types in France; see `numbers.read` for what is refused."""

    default_validators: list[Any] = []

    def to_python(self, value: Any) -> PhoneNumber | str:
        """The number, or the empty text."""
        text = str(value or "").strip()
        if not text:
            return ""
        try:
            return as_number(numbers.read(text, demonstration=settings.SHERIF.demonstration))
        except numbers.NumberRefusedError as error:
            raise forms.ValidationError(_REFUSALS[error.refusal], code=error.refusal) from error


class AddressField(forms.EmailField):
    """A mail address; what is wrong is said with an example."""

    default_error_messages = {"invalid": _("Cette adresse n'est pas complète. Exemple : prenom@exemple.fr.")}

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = [EmailValidator(message=self.error_messages["invalid"])]


def as_number(e164: str) -> PhoneNumber | str:
    """A stored number as a field shows it."""
    return PhoneNumber.from_string(e164) if e164 else ""


def in_e164(number: PhoneNumber | str) -> str:
    """What a field read, as it is stored."""
    return number.as_e164 if isinstance(number, PhoneNumber) else ""


class ContactForm(forms.Form):
    """One relative."""

    name = OneLineField(
        label=_("Prénom"),
        max_length=NAME_LENGTH,
        help_text=_("Les autres proches le verront pendant une alerte."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone_number = TelephoneField(label=_("Téléphone"), required=False)
    email = AddressField(
        label=_("Adresse e-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    language = forms.ChoiceField(label=_("Langue de ses messages"), choices=settings.LANGUAGES, initial="fr")
    by_sms = forms.BooleanField(label=_("SMS"), required=False, initial=True)
    by_voice = forms.BooleanField(label=_("Appel"), required=False, initial=True)
    by_email = forms.BooleanField(label=_("E-mail"), required=False, initial=True)
    on_single = forms.BooleanField(label=_("Prévenir aussi d'un simple clic"), required=False, initial=True)
    may_ring = forms.BooleanField(
        label=_("Peut m'appeler pendant une alerte"),
        required=False,
        help_text=_("Sinon, chaque message lui dit de ne pas vous appeler : une sonnerie peut trahir."),
    )
    invite = forms.BooleanField(
        label=_("Lui envoyer l'invitation maintenant"),
        required=False,
        initial=True,
        help_text=_("Un SMS ou un e-mail, sans mot qui inquiète : la personne lit ce que cela veut dire et répond."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone_number"].widget.attrs |= {"autocomplete": "off", "inputmode": "tel"}

    def clean(self) -> dict[str, Any]:
        """At least one way must reach the relative; a fixed line reads no SMS."""
        cleaned: dict[str, Any] = super().clean() or {}
        number, email = cleaned.get("phone_number"), cleaned.get("email")
        if self.has_error("phone_number") or self.has_error("email"):
            return cleaned
        if not number and not email:
            self.add_error("phone_number", _("Donnez un téléphone, ou une adresse e-mail ci-dessous."))
            return cleaned
        if number and numbers.is_fixed_line(in_e164(number)):
            cleaned["by_sms"] = False
        by_telephone = number and (cleaned.get("by_sms") or cleaned.get("by_voice"))
        if not by_telephone and not (email and cleaned.get("by_email")):
            sentence = _("Cochez au moins un moyen de joindre cette personne. Un téléphone fixe ne reçoit pas de SMS.")
            self.add_error("by_sms", sentence)
        return cleaned

    def card(self) -> contacts.Card:
        """What the valid form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "invite"}
        return contacts.Card(**{**said, "phone_number": in_e164(said["phone_number"])})

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, Any]:
        """The form of a relative already in the list."""
        fields = ("name", "email", "language", "by_sms", "by_voice", "by_email", "on_single", "may_ring")
        return {"phone_number": as_number(contact.phone_number)} | {name: getattr(contact, name) for name in fields}


class PhoneForm(forms.Form):
    """The name of a telephone in her own list."""

    label = OneLineField(label=_("Nom de ce téléphone"), required=False, max_length=60)
