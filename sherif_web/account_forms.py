"""The forms of allauth in our words: a pseudonym, and labels instead of placeholders, which vanish while one types."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from alerts.domain import entering

_LONGEST_WORD = 40  # characters of a pseudonym, before its digits


class _Plain:
    """Takes placeholders away and says "pseudonym"."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in {"login", "username"}:
                field.label = _("Pseudonyme")
        if "password2" in self.fields:
            self._ask_twice()

    def _ask_twice(self) -> None:
        """One wording for every new password, and one sentence instead of a list of rules."""
        first, second = self.fields["password1"], self.fields["password2"]
        new = "oldpassword" in self.fields
        first.label = _("Nouveau mot de passe") if new else _("Mot de passe")
        second.label = _("Nouveau mot de passe, une deuxième fois") if new else _("Mot de passe, une deuxième fois")
        first.help_text = _("12 caractères au moins. Quelques mots sans lien entre eux se retiennent bien.")


class LoginForm(_Plain, account.LoginForm):  # type: ignore[misc]
    """Sign-in."""


class SignupForm(_Plain, account.SignupForm):  # type: ignore[misc]
    """Sign-up. Digits are drawn for every pseudonym, so that nobody learns here which words are in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].help_text = _(
            "Un mot de votre choix. Quatre chiffres y seront ajoutés : notez le tout."
        )
        self.order_fields(["username", "first_name", "password1", "password2", "invitation"])

    def clean_username(self) -> str:
        """The pseudonym with its digits, or one sentence for every refusal."""
        try:
            word = get_adapter().clean_username(self.cleaned_data["username"], shallow=True)
            MaxLengthValidator(_LONGEST_WORD)(word)
        except ValidationError as error:
            sentence = _("Ce pseudonyme ne peut pas être choisi : lettres, chiffres, points et tirets seulement.")
            raise ValidationError(sentence, code="refused") from error
        return entering.pseudonym(word)


class ReauthenticateForm(_Plain, account.ReauthenticateForm):  # type: ignore[misc]
    """The password again."""


class ChangePasswordForm(_Plain, account.ChangePasswordForm):  # type: ignore[misc]
    """Another password."""


class SetPasswordForm(_Plain, account.SetPasswordForm):  # type: ignore[misc]
    """A first password."""


class CodeForm(_Plain, second.AuthenticateForm):  # type: ignore[misc]
    """A code at sign-in."""


class CodeAgainForm(_Plain, second.ReauthenticateForm):  # type: ignore[misc]
    """A code before a change."""


class AddKeyForm(_Plain, webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """A passkey; what it means that it opens the door by itself is said where one chooses it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].help_text = _(
            "L'appareil demande le doigt, le visage ou son code, et rien d'autre. Ne le choisissez pas si une autre "
            "personne sait le déverrouiller : elle entrerait aussi."
        )


class ActivateCodesForm(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an application."""
