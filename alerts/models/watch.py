"""What the auditor found, that it lives, and how the ways out are doing."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.alerts import Alert
from alerts.models.constraints import one_of
from alerts.states import Channel, FindingKind


class Finding(models.Model):
    """Something wrong, from the moment the auditor saw it until it is right again. About one alert, or the service."""

    kind = models.CharField(_("constat"), max_length=30)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, blank=True, related_name="findings")
    count = models.PositiveIntegerField(default=1)
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(_("dit aux exploitants"), null=True, blank=True)
    cleared_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("constat")
        verbose_name_plural = _("constats")
        ordering = ["-found_at"]
        constraints = [
            one_of("finding", "kind", FindingKind),
            models.UniqueConstraint(
                name="finding_open_once_of_alert",
                fields=["kind", "alert"],
                condition=models.Q(cleared_at=None, alert__isnull=False),
            ),
            models.UniqueConstraint(
                name="finding_open_once_of_service",
                fields=["kind"],
                condition=models.Q(cleared_at=None, alert=None),
            ),
        ]
        indexes = [
            models.Index(name="finding_cleared", fields=["cleared_at"]),
            models.Index(name="finding_told", fields=["told_at"]),
        ]

    def __str__(self) -> str:
        return f"finding {self.pk}"


class Beat(models.Model):
    """The last time that a part of the service was known to be well: the auditor's round, the canary."""

    name = models.CharField(max_length=30, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("signe de vie")
        verbose_name_plural = _("signes de vie")

    def __str__(self) -> str:
        return f"beat {self.pk}"


class Rest(models.Model):
    """A provider that is left in peace for a while after errors or slow receipts; another one takes over."""

    provider = models.CharField(max_length=20)
    channel = models.CharField(max_length=10)
    until = models.DateTimeField()
    reason = models.CharField(max_length=40)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("repos d'un opérateur")
        verbose_name_plural = _("repos d'opérateurs")
        constraints = [
            one_of("rest", "channel", Channel),
            models.UniqueConstraint(name="rest_once", fields=["provider", "channel"]),
        ]

    def __str__(self) -> str:
        return f"rest {self.pk}"


class Hook(models.Model):
    """A call of a provider that was heard already: the same one again changes nothing. Kept for two days."""

    fingerprint = models.CharField(max_length=64, primary_key=True)
    at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("appel d'un opérateur")
        verbose_name_plural = _("appels d'opérateurs")

    def __str__(self) -> str:
        return f"hook {self.pk[:8]}"


class Tariff(models.Model):
    """What one unit costs with one provider: a segment of an SMS, a begun minute of a call, a mail."""

    provider = models.CharField(_("opérateur"), max_length=20)
    channel = models.CharField(_("canal"), max_length=10)
    prefix = models.CharField(_("indicatif"), max_length=6, blank=True, help_text=_("+33, ou vide pour tous"))
    price = models.DecimalField(_("prix de l'unité, en euros"), max_digits=8, decimal_places=5)

    class Meta:
        verbose_name = _("tarif")
        verbose_name_plural = _("tarifs")
        constraints = [
            one_of("tariff", "channel", Channel),
            models.UniqueConstraint(name="tariff_once", fields=["provider", "channel", "prefix"]),
        ]

    def __str__(self) -> str:
        return f"tariff {self.pk}"
