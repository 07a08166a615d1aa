"""Associations, their advocates, and the buttons that they hand out."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of
from alerts.models.fields import EncryptedTextField
from alerts.states import ButtonState


class Association(models.Model):
    """Accompanies victims; receives lots of buttons; may lend its on-call line as a sixth contact."""

    name = models.CharField(_("nom"), max_length=120, unique=True)
    on_call_number = EncryptedTextField(_("ligne d'astreinte"), blank=True)
    email = models.EmailField(_("adresse électronique"), blank=True, help_text=_("garde les empreintes du journal"))
    age_recipient = models.CharField(
        _("clé age"), max_length=80, blank=True, help_text=_("ouvre les enregistrements : age1…")
    )

    class Meta:
        verbose_name = _("association")
        verbose_name_plural = _("associations")

    def __str__(self) -> str:
        return self.name


class Advocate(models.Model):
    """Staff of an association."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="advocate")
    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="advocates")

    class Meta:
        verbose_name = _("accompagnante")
        verbose_name_plural = _("accompagnantes")

    def __str__(self) -> str:
        return f"advocate {self.pk}"


class Button(models.Model):
    """A 2.5 cm Bluetooth button, from stock to her hand and back."""

    association = models.ForeignKey(Association, on_delete=models.PROTECT, related_name="buttons")
    victim = models.ForeignKey(
        "alerts.Victim", on_delete=models.SET_NULL, null=True, blank=True, related_name="buttons"
    )
    serial = models.CharField(_("numéro de série"), max_length=40, unique=True)
    state = models.CharField(_("état"), max_length=20, default=ButtonState.STOCK)

    class Meta:
        verbose_name = _("bouton")
        verbose_name_plural = _("boutons")
        constraints = [one_of("button", "state", ButtonState)]

    def __str__(self) -> str:
        return f"button {self.pk}"
