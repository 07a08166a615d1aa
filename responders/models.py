"""A browser that opened a contact's link, what its holder does, and the position that she or he chose to share."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models import Consent, Link
from alerts.models.constraints import one_of
from alerts.models.fields import EncryptedTextField
from responders.states import Force, Outcome, RoleKind


class Visit(models.Model):
    """One browser at one contact's place. The browser's cookie is a random key; only its SHA-256 is kept."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="visits")
    browser_hash = models.CharField(max_length=64, db_index=True)
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    looked_at = models.DateTimeField(null=True, blank=True)  # when a Look was last written: once an hour is enough

    class Meta:
        verbose_name = _("visite")
        verbose_name_plural = _("visites")
        constraints = [models.UniqueConstraint(name="visit_once", fields=["link", "browser_hash"])]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class ConsentVisit(models.Model):
    """One browser at one contact's consent page, by the same key as `Visit`."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="visits")
    browser_hash = models.CharField(max_length=64, db_index=True)
    opened_at = models.DateTimeField()

    class Meta:
        verbose_name = _("visite de la page d'accord")
        verbose_name_plural = _("visites de la page d'accord")
        constraints = [models.UniqueConstraint(name="consent_visit_once", fields=["consent", "browser_hash"])]

    def __str__(self) -> str:
        return f"consent visit {self.pk}"


class Role(models.Model):
    """What one responder does at present; the timeline keeps what was before."""

    link = models.OneToOneField(Link, on_delete=models.CASCADE, related_name="role")
    kind = models.CharField(_("rôle"), max_length=20)
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("rôle")
        verbose_name_plural = _("rôles")
        constraints = [one_of("role", "kind", RoleKind)]

    def __str__(self) -> str:
        return f"role {self.pk}"


class Escalation(models.Model):
    """One call to 17 by one responder, as she or he reported it."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="escalations")
    since = models.DateTimeField()
    outcome = models.CharField(_("issue"), max_length=20, blank=True, default=Outcome.CALLING)
    ended_at = models.DateTimeField(null=True, blank=True)
    note = EncryptedTextField(_("ce que le 17 a dit"), blank=True)

    class Meta:
        verbose_name = _("appel au 17")
        verbose_name_plural = _("appels au 17")
        constraints = [
            one_of("escalation", "outcome", Outcome),
            models.CheckConstraint(
                name="escalation_ended_with_outcome",
                condition=models.Q(outcome=Outcome.CALLING, ended_at=None)
                | (~models.Q(outcome=Outcome.CALLING) & models.Q(ended_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"escalation {self.pk}"


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


class Unit(models.Model):
    """A police station or a gendarmerie brigade, from the State's open files. Its desk is no emergency line."""

    force = models.CharField(_("force"), max_length=2)
    code = models.CharField(_("identifiant"), max_length=40, blank=True, help_text=_("dans les fichiers de l'État"))
    name = models.CharField(_("nom"), max_length=200)
    address = models.CharField(_("adresse"), max_length=300, blank=True)
    phone_number = models.CharField(_("téléphone"), max_length=20, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name = _("unité de police ou de gendarmerie")
        verbose_name_plural = _("unités de police et de gendarmerie")
        constraints = [one_of("unit", "force", Force)]

    def __str__(self) -> str:
        return self.name


class Territory(models.Model):
    """Which unit answers for a commune (INSEE code)."""

    insee = models.CharField(_("code commune"), max_length=5, primary_key=True)
    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="territories")

    class Meta:
        verbose_name = _("compétence territoriale")
        verbose_name_plural = _("compétences territoriales")

    def __str__(self) -> str:
        return self.insee
