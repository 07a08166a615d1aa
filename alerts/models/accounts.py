"""Who signs in: a pseudonym and a password or passkey. Phones and contacts never do."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccountManager(BaseUserManager["Account"]):
    """Creates accounts; a pseudonym is enough."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        """An ordinary account; without a password it can only be entered by passkey."""
        account = self.model(username=self.model.normalize_username(username), **fields)
        account.set_password(password)
        account.save(using=self._db)
        return account

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "Account":
        """An operator, with the admin site."""
        return self.create_user(username, password, is_staff=True, is_superuser=True, **fields)


class Account(AbstractBaseUser, PermissionsMixin):
    """A person who signs in: a victim, an advocate or an operator."""

    username = models.CharField(_("pseudonyme"), max_length=80, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(_("adresse e-mail"), blank=True)
    is_staff = models.BooleanField(_("opérateur"), default=False)
    is_active = models.BooleanField(_("actif"), default=True)
    date_joined = models.DateTimeField(_("créé le"), default=timezone.now)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        verbose_name = _("compte")
        verbose_name_plural = _("comptes")

    def __str__(self) -> str:
        return f"account {self.pk}"
