"""What she types, read once at the edge: every refusal is a sentence that says what to do."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField
from phonenumber_field.phonenumber import PhoneNumber

from alerts.domain import contacts, numbers, profile
from alerts.models import Account, Contact, Victim

NAME_LENGTH = 40
_REFUSALS = {
    numbers.Refusal.UNREADABLE: _("Ce numéro n'existe pas sous cette forme. Exemple : 06 12 34 56 78."),
    numbers.Refusal.SHORT: _(
        "Le service n'appelle jamais un numéro d'urgence ni un numéro court. Donnez celui d'une personne."
    ),
    numbers.Refusal.SERVICE: _("Ce numéro est celui d'un service, pas d'une personne. Donnez un mobile ou un fixe."),
    numbers.Refusal.FICTION: _("Ce numéro est réservé aux films et ne sonne nulle part. Donnez un vrai numéro."),
}
_ZONES = [
    ("Europe/Paris", _("France métropolitaine")),
    ("America/Guadeloupe", _("Guadeloupe, Saint-Martin, Saint-Barthélemy")),
    ("America/Martinique", _("Martinique")),
    ("America/Cayenne", _("Guyane")),
    ("Indian/Reunion", _("La Réunion")),
    ("Indian/Mayotte", _("Mayotte")),
    ("America/Miquelon", _("Saint-Pierre-et-Miquelon")),
    ("Pacific/Noumea", _("Nouvelle-Calédonie")),
    ("Pacific/Tahiti", _("Polynésie française, Tahiti")),
    ("Pacific/Wallis", _("Wallis-et-Futuna")),
]


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


def as_number(e164: str) -> PhoneNumber | str:
    """A stored number as a field shows it."""
    return PhoneNumber.from_string(e164) if e164 else ""


def _e164(number: PhoneNumber | str) -> str:
    return number.as_e164 if isinstance(number, PhoneNumber) else ""


class SignUpForm(forms.Form):
    """The question that allauth's own sign-up form does not ask; the pseudonym may be anything, this name is hers."""

    first_name = OneLineField(
        label=_("Prénom"),
        max_length=NAME_LENGTH,
        help_text=_("Celui que vos proches connaissent : il figurera dans leurs messages."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )

    def signup(self, request: HttpRequest, user: Account) -> None:
        """Create her record with the account; allauth calls it once, after the account is stored."""
        del request
        Victim.objects.create(account=user, name=self.cleaned_data["first_name"])


class ContactForm(forms.Form):
    """One relative."""

    name = OneLineField(
        label=_("Prénom"),
        max_length=NAME_LENGTH,
        help_text=_("Les autres proches le verront pendant une alerte."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone_number = TelephoneField(label=_("Téléphone"), required=False)
    email = forms.EmailField(
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
            raise forms.ValidationError(_("Donnez un téléphone ou une adresse e-mail."))
        if number and numbers.is_fixed_line(_e164(number)):
            cleaned["by_sms"] = False
        by_telephone = number and (cleaned.get("by_sms") or cleaned.get("by_voice"))
        if not by_telephone and not (email and cleaned.get("by_email")):
            raise forms.ValidationError(
                _("Cochez au moins un moyen de joindre cette personne. Un téléphone fixe ne reçoit pas de SMS.")
            )
        return cleaned

    def card(self) -> contacts.Card:
        """What the valid form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "invite"}
        return contacts.Card(**{**said, "phone_number": _e164(said["phone_number"])})

    @staticmethod
    def initial_of(contact: Contact) -> dict[str, Any]:
        """The form of a relative already in the list."""
        fields = ("name", "email", "language", "by_sms", "by_voice", "by_email", "on_single", "may_ring")
        return {"phone_number": as_number(contact.phone_number)} | {name: getattr(contact, name) for name in fields}


class CodesForm(forms.Form):
    """The two codes. Neither is ever shown again."""

    _widget = forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 8})
    code = forms.CharField(
        label=_("Votre code"), widget=_widget, help_text=_("4 à 8 chiffres. Il met fin à une alerte.")
    )
    duress_code = forms.CharField(
        label=_("Code sous contrainte"),
        widget=_widget,
        help_text=_("4 à 8 autres chiffres. Votre téléphone dira que tout est fini, vos proches sauront que non."),
    )

    def clean_code(self) -> str:
        """A code that is not the first one tries."""
        return self._checked("code")

    def clean_duress_code(self) -> str:
        """The same rule for the other."""
        return self._checked("duress_code")

    def clean(self) -> dict[str, Any]:
        """Two different codes."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("code") and cleaned.get("code") == cleaned.get("duress_code"):
            self.add_error("duress_code", _("Les deux codes doivent être différents."))
        return cleaned

    def _checked(self, name: str) -> str:
        code = str(self.cleaned_data[name])
        try:
            profile.check_code(code)
        except profile.CodeRefusedError as error:
            raise forms.ValidationError(_("4 à 8 chiffres, sans suite (1234) ni répétition (1111, 1212).")) from error
        return code


class MessagesForm(forms.Form):
    """Her three texts; an empty one leaves the service's own."""

    LENGTH = 120
    _attrs = {"rows": 3, "data-gsm7": ""}
    text_prevention = OneLineField(
        label=_("Un clic : prévention"),
        required=False,
        max_length=LENGTH,
        widget=forms.Textarea(attrs=_attrs),
        help_text=_("Peut rassurer ou prévenir, par exemple : Je rentre seule ce soir, gardez votre téléphone."),
    )
    text_rescue = OneLineField(
        label=_("Double clic : secours"), required=False, max_length=LENGTH, widget=forms.Textarea(attrs=_attrs)
    )
    text_alarm = OneLineField(
        label=_("Appui long : alarme"), required=False, max_length=LENGTH, widget=forms.Textarea(attrs=_attrs)
    )


class GesturesForm(forms.Form):
    """What a long press does on her telephone."""

    siren = forms.BooleanField(
        label=_("Sirène"),
        required=False,
        help_text=_("Le téléphone sonne très fort. La personne en face l'entend aussi."),
    )
    recording = forms.BooleanField(
        label=_("Enregistrement silencieux"),
        required=False,
        help_text=_("Le téléphone enregistre le son sans rien montrer."),
    )


class AboutForm(forms.Form):
    """Who she is for her relatives, and how the service speaks to her."""

    name = OneLineField(label=_("Prénom"), max_length=NAME_LENGTH, help_text=_("Tel que vos proches vous appellent."))
    phone_number = TelephoneField(
        label=_("Votre numéro"),
        required=False,
        help_text=_("Vos proches le donnent à la police, pour qu'elle vous rappelle."),
    )
    phone_allowed = forms.BooleanField(
        label=_("Mes proches peuvent m'appeler pendant une alerte"),
        required=False,
        help_text=_("Sinon, chaque message leur dit de ne pas vous appeler : une sonnerie peut trahir."),
    )
    home = forms.CharField(
        label=_("Domicile"),
        required=False,
        max_length=300,
        help_text=_("Adresse, bâtiment, étage, code de la porte : ce que les secours demandent d'abord."),
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )
    language = forms.ChoiceField(label=_("Langue"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Heure locale"), choices=_ZONES, help_text=_("Les heures de vos messages suivent ce choix.")
    )

    def __init__(self, *args: Any, own_relatives: list[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._numbers = {contact.phone_number for contact in own_relatives}

    def clean_phone_number(self) -> str:
        """Her number is not that of a relative."""
        number = _e164(self.cleaned_data["phone_number"])
        if number and number in self._numbers:
            raise forms.ValidationError(_("Ce numéro est déjà celui d'un de vos proches."))
        return number

    def clean_time_zone(self) -> str:
        """A zone that this machine knows too."""
        return ZoneInfo(self.cleaned_data["time_zone"]).key


class PhoneForm(forms.Form):
    """The name of a telephone in her own list."""

    label = OneLineField(label=_("Nom de ce téléphone"), required=False, max_length=60)
