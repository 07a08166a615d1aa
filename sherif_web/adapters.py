"""What allauth asks of this project: whom to tell of a change, which words to use, for which host a passkey is made."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts import access
from alerts.domain import changes, disguises
from alerts.models import Account, ChangeKind
from alerts.models.fields import decrypt, encrypt

_ENCRYPTED = "gAAAA"  # how every Fernet token begins: version 0x80 and the high bytes of a time
_SECOND_FACTOR = "mfa/"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """No mail goes to an account, which has no address: changes are written down and told to her safe address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _("Le pseudonyme ou le mot de passe n'est pas le bon."),
        "incorrect_password": _("Ce n'est pas le bon mot de passe."),
        "enter_current_password": _("Ce n'est pas votre mot de passe actuel."),
        "too_many_login_attempts": _("Trop d'essais. Attendez cinq minutes, puis recommencez."),
    }

    def send_notification_mail(self, template_prefix: str, user: Account, *_rest: Any, **_named: Any) -> None:
        """allauth calls it after every change of a password or a second factor."""
        kind = ChangeKind.SECOND_FACTOR if template_prefix.startswith(_SECOND_FACTOR) else ChangeKind.PASSWORD
        victim = access.victim_of(user)
        if victim is not None:
            changes.record(victim, kind, now=timezone.now())


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys belong to her own host, under a name that says nothing; secrets of codes are encrypted at rest."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _("Ce code n'est pas le bon.")}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The relying party (WebAuthn 5.4.2): the host of SHERIF_HER_URL, whatever the request says."""
        return {"id": settings.HER_HOST, "name": self.get_totp_issuer()}

    def get_totp_issuer(self) -> str:
        """What an application of codes shows on her telephone: the name that she chose."""
        user = getattr(self.request, "user", None)
        victim = access.victim_of(user) if isinstance(user, Account) else None
        return disguises.of(victim).name if victim else str(disguises.Face().name)

    def generate_authenticator_name(self, user: Account, type: Any) -> str:  # noqa: A002 - the name that allauth gives
        """What a new key is called until she names it."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return str(_("Clé %(number)s") % {"number": number})

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """One stored before secrets were encrypted is read as it is."""
        return decrypt(encrypted_text) if encrypted_text.startswith(_ENCRYPTED) else encrypted_text
