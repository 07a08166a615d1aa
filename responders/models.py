"""A browser that opened a contact's link, and the position that its holder chose to share."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models import Link


class Visit(models.Model):
    """One browser at one contact's place. The browser's cookie is a random key; only its SHA-256 is kept."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="visits")
    browser_hash = models.CharField(max_length=64, db_index=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visite")
        verbose_name_plural = _("visites")
        constraints = [models.UniqueConstraint(name="visit_once", fields=["link", "browser_hash"])]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class SharedPosition(models.Model):
    """Where a responder is, by choice; one row per place, erased when sharing stops."""

    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="shared_position")
    latitude = models.FloatField()
    longitude = models.FloatField()
    accuracy = models.FloatField(null=True, blank=True, help_text=_("mètres"))
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("position partagée")
        verbose_name_plural = _("positions partagées")
        constraints = [
            models.CheckConstraint(
                name="shared_position_on_earth",
                condition=models.Q(latitude__range=(-90, 90)) & models.Q(longitude__range=(-180, 180)),
            )
        ]

    def __str__(self) -> str:
        return f"shared position {self.pk}"
