"""How one comes into a web account, comes back into it, and where one sits in it now. Codes are kept as digests."""

from enum import StrEnum

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of


class RecoveryKind(StrEnum):
    """Who holds the code that lets somebody back in. Neither way goes through her telephone."""

    PAPER = "paper"  # drawn by her, kept where she alone finds it, until it is used or replaced
    ADVOCATE = "advocate"  # drawn by her association, face to face, for half an hour


class Invitation(models.Model):
    """An advocate's word that the next account is accompanied by her or his association. Works once."""

    association = models.ForeignKey("alerts.Association", on_delete=models.CASCADE, related_name="invitations")
    drawn_by = models.ForeignKey("alerts.Advocate", on_delete=models.CASCADE, related_name="invitations")
    code_digest = models.CharField(max_length=64, unique=True)
    drawn_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    victim = models.OneToOneField(
        "alerts.Victim", on_delete=models.SET_NULL, null=True, blank=True, related_name="invitation"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class RecoveryCode(models.Model):
    """Sets a new password, once. `expires_at` is empty for the one on paper."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    kind = models.CharField(max_length=20)
    code_digest = models.CharField(max_length=64, unique=True)
    drawn_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code de secours")
        verbose_name_plural = _("codes de secours")
        constraints = [one_of("recovery", "kind", RecoveryKind)]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Sitting(models.Model):
    """A browser in which somebody is signed in. Its address is not kept: it would tell Paul where she is."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sittings")
    session_key = models.CharField(max_length=40, unique=True)
    device = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("session ouverte")
        verbose_name_plural = _("sessions ouvertes")

    def __str__(self) -> str:
        return f"sitting {self.pk}"
