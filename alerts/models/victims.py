"""The beneficiary, her phones, and the codes by which a phone is paired."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.fields import EncryptedTextField


class Victim(models.Model):
    """The beneficiary who wears the button. Everything that says who she is, is encrypted at rest."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="victim")
    association = models.ForeignKey(
        "alerts.Association", on_delete=models.SET_NULL, null=True, blank=True, related_name="victims"
    )
    name = EncryptedTextField(_("prénom"), help_text=_("Tel que vos proches vous appellent."))
    phone_number = EncryptedTextField(_("numéro de rappel"), blank=True)
    phone_digest = models.CharField(max_length=64, blank=True, db_index=True)
    home = EncryptedTextField(_("domicile, étage, code"), blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr", choices=settings.LANGUAGES)
    time_zone = models.CharField(_("fuseau horaire"), max_length=40, default="Europe/Paris")
    phone_allowed = models.BooleanField(_("mes proches peuvent m'appeler pendant une alerte"), default=False)
    siren = models.BooleanField(_("sirène à l'appui long"), default=False)
    recording = models.BooleanField(_("enregistrement silencieux à l'appui long"), default=True)
    text_prevention = EncryptedTextField(_("message de prévention"), blank=True)
    text_rescue = EncryptedTextField(_("message de secours"), blank=True)
    text_alarm = EncryptedTextField(_("message d'alarme"), blank=True)
    pin_hash = models.CharField(max_length=200, blank=True)
    duress_pin_hash = models.CharField(max_length=200, blank=True)
    disguise = models.CharField(_("apparence"), max_length=20, blank=True, default="")  # empty: not chosen yet
    exit_to = models.CharField(_("site de sortie"), max_length=20, default="weather")
    alert_hours = models.PositiveSmallIntegerField(_("durée la plus longue d'une alerte"), null=True, blank=True)
    safe_email = EncryptedTextField(_("adresse e-mail sûre"), blank=True)
    safe_number = EncryptedTextField(_("numéro sûr"), blank=True)
    # What she lets her association do and see; nothing unless she ticked it.
    advocate_drills = models.BooleanField(_("exercices avec mon association"), default=False, db_default=False)
    advocate_silences = models.BooleanField(_("mon association sait ce qui est muet"), default=False, db_default=False)
    advocate_names = models.BooleanField(_("mon association lit les prénoms"), default=False, db_default=False)
    canary = models.BooleanField(default=False, help_text=_("exercices de l'exploitant, hors de tout décompte"))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("bénéficiaire")
        verbose_name_plural = _("bénéficiaires")

    def __str__(self) -> str:
        return f"victim {self.pk}"


class PhoneQuerySet(models.QuerySet["Phone"]):
    """Telephones, revoked ones included."""

    def active(self) -> "PhoneQuerySet":
        """Those whose credential still works."""
        return self.filter(revoked_at=None)


class Phone(models.Model):
    """Her telephone, known by a bearer credential; her web password opens nothing here, nor the other way."""

    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, related_name="phones")
    label = models.CharField(_("nom du téléphone"), max_length=60, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    osmand_id = EncryptedTextField()
    osmand_digest = models.CharField(max_length=64, unique=True)
    paired_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    battery = models.PositiveSmallIntegerField(null=True, blank=True)
    # What its page reported of itself. None: never allowed nor refused; never joined to a button; a level not told.
    position_allowed = models.BooleanField(null=True, blank=True)
    button_seen_at = models.DateTimeField(null=True, blank=True)
    button_battery = models.PositiveSmallIntegerField(null=True, blank=True)
    wrong_pins = models.PositiveSmallIntegerField(default=0)
    wrong_pins_since = models.DateTimeField(null=True, blank=True)

    objects = PhoneQuerySet.as_manager()

    class Meta:
        verbose_name = _("téléphone")
        verbose_name_plural = _("téléphones")
        constraints = [
            models.CheckConstraint(
                name="phone_battery_percent",
                condition=models.Q(battery=None) | models.Q(battery__lte=100),
            ),
            models.CheckConstraint(
                name="phone_button_battery_percent",
                condition=models.Q(button_battery=None)
                | models.Q(button_battery__lte=100, button_seen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"


class PairingCode(models.Model):
    """Eight characters, valid once for ten minutes, shown in her profile and typed on the phone."""

    VALID_FOR = timedelta(minutes=10)

    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, related_name="pairing_codes")
    code_digest = models.CharField(max_length=64, unique=True)
    drawn_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code d'appairage")
        verbose_name_plural = _("codes d'appairage")

    def __str__(self) -> str:
        return f"pairing code {self.pk}"

    @property
    def expires_at(self) -> datetime:
        """When it stops working (UTC)."""
        return self.drawn_at + self.VALID_FOR


class PairingGuess(models.Model):
    """A wrong pairing code, and a keyed digest of who typed it: ten of them within ten minutes are enough."""

    peer_digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("code d'appairage erroné")
        verbose_name_plural = _("codes d'appairage erronés")
        indexes = [models.Index(name="pairing_guess_recent", fields=["peer_digest", "at"])]

    def __str__(self) -> str:
        return f"pairing guess {self.pk}"
