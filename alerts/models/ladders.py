"""Who is rung again while nobody takes charge: a timer that is a row, so that no process holds it."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.alerts import Alert


class LadderQuerySet(models.QuerySet["Ladder"]):
    """Ladders, resting ones included."""

    def due(self, now: datetime) -> "LadderQuerySet":
        """Those whose next step should be climbed now."""
        return self.filter(due_at__lte=now)


class Ladder(models.Model):
    """The ladder of one rescue or alarm: how many steps were climbed, when this lap began, when the next step is due.

    `due_at` is None when nothing is left to do: somebody is in charge, everybody was called, or the alert is over.
    """

    alert = models.OneToOneField(Alert, on_delete=models.CASCADE, primary_key=True, related_name="ladder")
    step = models.PositiveSmallIntegerField(_("marches montées"), default=0)
    since = models.DateTimeField(_("début de ce tour"))
    due_at = models.DateTimeField(_("prochaine marche"), null=True, blank=True)

    objects = LadderQuerySet.as_manager()

    class Meta:
        verbose_name = _("chaîne d'appels")
        verbose_name_plural = _("chaînes d'appels")
        indexes = [models.Index(name="ladder_due", fields=["due_at"], condition=models.Q(due_at__isnull=False))]

    def __str__(self) -> str:
        return f"ladder {self.pk}"
