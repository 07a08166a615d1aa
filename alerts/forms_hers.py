"""What she says of herself and of her telephone; every refusal is a sentence that says what to do."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from alerts.domain import disguises, profile, sheets
from alerts.forms import NAME_LENGTH, AddressField, OneLineField, TelephoneField, in_e164
from alerts.models import Contact

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

_CAPS = (48, 24, 12, 8, 4, 2, 1)  # hours; each is offered below the installation's own


def _hours(number: int) -> str:
    """1 heure, 8 heures."""
    return ngettext("%(count)d heure", "%(count)d heures", number) % {"count": number}


class CodesForm(forms.Form):
    """The two codes. Neither is ever shown again."""

    _widget = forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off", "maxlength": 8})
    code = forms.CharField(
        label=_("Votre code"), widget=_widget, help_text=_("4 à 8 chiffres. Il met fin à une alerte.")
    )
    code_again = forms.CharField(label=_("Votre code, une deuxième fois"), widget=_widget)
    duress_code = forms.CharField(
        label=_("Code sous contrainte"),
        widget=_widget,
        help_text=_("4 à 8 autres chiffres. Votre téléphone dira que tout est fini, vos proches sauront que non."),
    )
    duress_code_again = forms.CharField(label=_("Code sous contrainte, une deuxième fois"), widget=_widget)

    def clean_code(self) -> str:
        """A code that is not the first one tries."""
        return self._checked("code")

    def clean_duress_code(self) -> str:
        """The same rule for the other."""
        return self._checked("duress_code")

    def clean(self) -> dict[str, Any]:
        """Two different codes, each typed twice: nobody sees what the fields hold."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name in ("code", "duress_code"):
            if cleaned.get(name) and cleaned[name] != cleaned.get(f"{name}_again"):
                self.add_error(f"{name}_again", _("Ce n'est pas le même code : tapez-le de nouveau."))
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
        help_text=_(
            "L'appui long enregistre le son autour de votre téléphone, tant que sa page reste ouverte. "
            "Autorisez-y le micro d'avance. Vos proches ne l'entendent jamais."
        ),
    )
    alert_hours = forms.TypedChoiceField(
        label=_("Une alerte s'arrête d'elle-même après"),
        required=False,
        coerce=int,
        empty_value=None,
        help_text=_("Jusque-là, votre position est suivie tant que vous ne l'arrêtez pas avec votre code."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cap = settings.SHERIF.alert_hours
        shorter = [(hours, _hours(hours)) for hours in _CAPS if hours < cap]
        self.fields["alert_hours"].choices = [("", _hours(cap)), *shorter]  # type: ignore[attr-defined]


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
    language = forms.ChoiceField(label=_("Langue"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Heure locale"), choices=_ZONES, help_text=_("Les heures de vos messages suivent ce choix.")
    )

    def __init__(self, *args: Any, own_relatives: list[Contact], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._numbers = {contact.phone_number for contact in own_relatives}

    def clean_phone_number(self) -> str:
        """Her number is not that of a relative."""
        number = in_e164(self.cleaned_data["phone_number"])
        if number and number in self._numbers:
            raise forms.ValidationError(_("Ce numéro est déjà celui d'un de vos proches."))
        return number

    def clean_time_zone(self) -> str:
        """A zone that this machine knows too."""
        return ZoneInfo(self.cleaned_data["time_zone"]).key


class FaceForm(forms.Form):
    """What her screen shows of the service, and where a quick exit leads."""

    disguise = forms.ChoiceField(
        label=_("Nom et icône"),
        choices=[(str(one), name) for one, name in disguises.NAMES.items()],
        widget=forms.RadioSelect,
        help_text=_("Le titre de ces pages, l'icône sur votre téléphone, et le nom des messages qui vous sont écrits."),
    )
    exit_to = forms.ChoiceField(
        label=_("« Quitter vite » ouvre"),
        choices=[(str(one), name) for one, name in disguises.EXIT_NAMES.items()],
        help_text=_("Choisissez un site que vous pourriez lire tous les jours."),
    )


class SafeAddressForm(forms.Form):
    """Where she is told of changes: not on the telephone that somebody else may hold."""

    safe_email = AddressField(
        label=_("Adresse e-mail"), required=False, widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    safe_number = TelephoneField(label=_("Numéro pour des SMS"), required=False)

    def __init__(self, *args: Any, own_number: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._own_number = own_number
        self.fields["safe_number"].widget.attrs |= {"autocomplete": "off", "inputmode": "tel"}

    def clean_safe_number(self) -> str:
        """Not the number of the telephone that she carries."""
        number = in_e164(self.cleaned_data["safe_number"])
        if number and number == self._own_number:
            raise forms.ValidationError(
                _("C'est votre propre téléphone : qui le tient lirait ces messages. Donnez-en un autre.")
            )
        return number


class SheetForm(forms.Form):
    """Her sheet for the police. Every answer may stay empty."""

    _long = forms.Textarea(attrs={"rows": 2, "autocomplete": "off"})
    _short = forms.TextInput(attrs={"autocomplete": "off"})
    home = forms.CharField(
        label=_("Adresse"),
        required=False,
        max_length=300,
        widget=_long,
        help_text=_("Numéro, rue, commune : ce que les secours demandent d'abord."),
    )
    building = OneLineField(label=_("Bâtiment, escalier, interphone"), required=False, max_length=120, widget=_short)
    floor = OneLineField(
        label=_("Étage et porte"),
        required=False,
        max_length=80,
        widget=_short,
        help_text=_("Une maison : écrivez « maison »."),
    )
    code = OneLineField(label=_("Code de la porte"), required=False, max_length=80, widget=_short)
    residents = forms.CharField(label=_("Qui vit là"), required=False, max_length=300, widget=_long)
    person = forms.CharField(
        label=_("Vous : âge, santé"),
        required=False,
        max_length=300,
        widget=_long,
        help_text=_("Une grossesse, un handicap, une maladie, un traitement."),
    )
    children = forms.CharField(
        label=_("Enfants"),
        required=False,
        max_length=300,
        widget=_long,
        help_text=_("Prénoms, âges, école ; qui peut les garder."),
    )
    aggressor = forms.CharField(
        label=_("La personne que vous craignez"),
        required=False,
        max_length=400,
        widget=_long,
        help_text=_("Nom, lien avec vous, âge, à quoi on la reconnaît, où elle vit, alcool ou drogue."),
    )
    weapons = forms.CharField(
        label=_("Armes"),
        required=False,
        max_length=300,
        widget=_long,
        help_text=_("Lesquelles, où. « Aucune connue » est une réponse utile."),
    )
    vehicle = OneLineField(
        label=_("Son véhicule"),
        required=False,
        max_length=120,
        widget=_short,
        help_text=_("Marque, couleur, plaque."),
    )
    protections = forms.MultipleChoiceField(
        label=_("Ce que la justice a décidé"),
        required=False,
        choices=[(str(one), name) for one, name in sheets.PROTECTION_NAMES.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    order = OneLineField(label=_("Date, tribunal, numéro"), required=False, max_length=200, widget=_short)

    def sheet(self) -> sheets.Sheet:
        """What the valid form says."""
        return sheets.Sheet(
            **{**self.cleaned_data, "protections": tuple(self.cleaned_data["protections"])},
        )
