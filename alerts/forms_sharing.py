"""What she lets her association do and see, and the code by which one comes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.domain.accompanying import Wishes
from alerts.forms import OneLineField
from alerts.forms_entrance import CODE_LENGTH


class WishesForm(forms.Form):
    """Three ticks, none of them set before she sets it."""

    advocate_drills = forms.BooleanField(
        label=_("Faire des exercices avec moi"),
        required=False,
        help_text=_("L'association en commence un et lit qui a reçu, qui a ouvert, en combien de secondes."),
    )
    advocate_silences = forms.BooleanField(
        label=_("Savoir ce qui ne marche plus"),
        required=False,
        help_text=_(
            "Un téléphone pas vu depuis des jours, un proche que rien n'atteint. Le nom que vous avez donné à vos "
            "téléphones y figure."
        ),
    )
    advocate_names = forms.BooleanField(
        label=_("Y lire les prénoms de mes proches"),
        required=False,
        help_text=_("Sinon l'association lit « Proche 1 », « Proche 2 ». Jamais leurs numéros."),
    )

    def wishes(self) -> Wishes:
        """What the valid form says."""
        return Wishes(**self.cleaned_data)


class JoinForm(forms.Form):
    """The code that an advocate gave her."""

    invitation = OneLineField(
        label=_("Code d'invitation"),
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def refuse(self) -> None:
        """Whatever was wrong with the code, one sentence says it."""
        self.add_error("invitation", _("Ce code n'est pas reconnu, ou a déjà servi. Demandez-en un autre."))
