"""The forms of allauth in our words: a pseudonym, and labels instead of placeholders, which vanish while one types."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as second
from allauth.mfa.totp import forms as totp
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


class _Plain:
    """Takes placeholders away and says "pseudonym"."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in {"login", "username"}:
                field.label = _("Pseudonyme")


class LoginForm(_Plain, account.LoginForm):  # type: ignore[misc]
    """Sign-in."""


class SignupForm(_Plain, account.SignupForm):  # type: ignore[misc]
    """Sign-up. A pseudonym in use and one that is not allowed read the same."""

    def clean_username(self) -> str:
        """The pseudonym, or one sentence for every refusal."""
        try:
            return str(super().clean_username())
        except ValidationError as error:
            sentence = _("Ce pseudonyme ne peut pas être choisi. Essayez-en un autre, par exemple avec des chiffres.")
            raise ValidationError(sentence, code="refused") from error


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


class ActivateCodesForm(_Plain, totp.ActivateTOTPForm):  # type: ignore[misc]
    """The first code of an application."""
