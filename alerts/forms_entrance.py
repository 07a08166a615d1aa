"""How one comes into an account and back into it."""

from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.domain import entering
from alerts.forms import NAME_LENGTH, OneLineField
from alerts.models import Account, Invitation, RecoveryCode, Victim

CODE_LENGTH = 40  # characters typed, spaces and hyphens with them


class SignUpForm(forms.Form):
    """The questions that allauth's own sign-up form does not ask."""

    first_name = OneLineField(
        label=_("Prénom"),
        max_length=NAME_LENGTH,
        help_text=_("Celui que vos proches connaissent : il figurera dans leurs messages."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    invitation = OneLineField(
        label=_("Code d'invitation"),
        required=False,
        max_length=CODE_LENGTH,
        help_text=_(
            "Si une association vous en a donné un : elle saura que ce carnet existe et pourra vous aider à y rentrer. "
            "Elle n'y lira rien."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._invitation: Invitation | None = None
        if context.request is not None:
            self.initial.setdefault("invitation", context.request.GET.get("invitation", "")[:CODE_LENGTH])

    def clean_invitation(self) -> str:
        """A code that still works, or none."""
        code = str(self.cleaned_data["invitation"])
        if not code:
            return ""
        try:
            self._invitation = entering.invitation_of(code, now=timezone.now())
        except entering.UnknownCodeError as error:
            raise forms.ValidationError(
                _("Ce code n'est pas reconnu, ou a déjà servi. Demandez-en un autre, ou laissez vide.")
            ) from error
        return code

    def signup(self, request: HttpRequest, user: Account) -> None:
        """Create her record with the account; allauth calls it once, after the account is stored."""
        victim = Victim.objects.create(account=user, name=self.cleaned_data["first_name"])
        record_authentication(request, user, method="password", reauthenticated=True)  # chosen this very moment
        if self._invitation is not None:
            entering.accept(self._invitation, victim, now=timezone.now())
        sentence = _("Votre pseudonyme est %(name)s. Notez-le : avec le mot de passe, il ouvre ce carnet.")
        messages.success(request, str(sentence) % {"name": user.username})


class RecoverForm(forms.Form):
    """A code that lets somebody back in, and the new password."""

    code = OneLineField(
        label=_("Code de secours"),
        max_length=CODE_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        help_text=_("25 lettres et chiffres. Majuscules, espaces et tirets ne comptent pas."),
    )
    password1 = forms.CharField(
        label=_("Nouveau mot de passe"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("12 caractères au moins. Quelques mots sans lien entre eux se retiennent bien."),
    )
    password2 = forms.CharField(
        label=_("Nouveau mot de passe, une deuxième fois"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drawn: RecoveryCode | None = None

    def clean_code(self) -> str:
        """One that works."""
        code = str(self.cleaned_data["code"])
        try:
            self.drawn = entering.recovery_of(code, now=timezone.now())
        except entering.UnknownCodeError as error:
            raise forms.ValidationError(_("Ce code n'est pas reconnu, ou a déjà servi.")) from error
        return code

    def clean(self) -> dict[str, Any]:
        """A good password, the same twice."""
        cleaned: dict[str, Any] = super().clean() or {}
        password = cleaned.get("password1")
        if password and password != cleaned.get("password2"):
            self.add_error("password2", _("Ce n'est pas le même mot de passe."))
        elif password and self.drawn is not None:
            try:
                validate_password(password, self.drawn.account)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned
