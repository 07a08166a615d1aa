"""How much went out lately: counters that are rows, so that all workers count together."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Meter(models.Model):
    """Repetitions sent since `since` to one contact, for one victim or association, or by the whole service.

    The key is `contact:7`, `victim:3`, `association:2` or `all`. First messages are not counted, because they are
    never held back. `gone:...` are sums of the canary's drills that were deleted (`alerts.domain.costs.keep`).
    """

    key = models.CharField(max_length=40, primary_key=True)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("compteur d'envois")
        verbose_name_plural = _("compteurs d'envois")

    def __str__(self) -> str:
        return f"meter {self.pk}"
