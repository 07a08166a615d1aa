"""What changed in her account: she reads it in a list, and her safe address hears of it. The row is the queue."""

from datetime import datetime
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of
from alerts.models.fields import EncryptedTextField
from alerts.models.victims import Victim


class ChangeKind(StrEnum):
    """What somebody who holds her phone or knows her password may have done."""

    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"  # a session ended from another one
    PASSWORD = "password"  # noqa: S105 - names a change, opens nothing
    SECOND_FACTOR = "second_factor"
    RECOVERY = "recovery"  # a code that lets somebody back in was drawn
    RECOVERED = "recovered"  # and was used
    CODES = "codes"
    CONTACTS = "contacts"
    SAFE_ADDRESS = "safe_address"
    SHEET = "sheet"
    SETTINGS = "settings"
    PHONES = "phones"
    ASSOCIATION = "association"  # one came or left, or sees more or less
    TAKEN_AWAY = "taken_away"  # an export
    ERASED = "erased"


class ChangeQuerySet(models.QuerySet["Change"]):
    """The row is the queue."""

    def due(self, now: datetime) -> "ChangeQuerySet":
        """Those that her safe address should hear of now."""
        return self.filter(not_before__lte=now).order_by("not_before", "pk")


class Change(models.Model):
    """One change, at one moment. `email` and `number` are where it is told, as they stood before it.

    It is told under `name`, in `language` and by the clock of `time_zone`, kept here because the news that everything
    was erased outlives her: that row has no victim, and goes once it is told.
    """

    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, null=True, related_name="changes")
    name = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=5, blank=True)
    time_zone = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=20)
    at = models.DateTimeField()
    detail = models.CharField(max_length=60, blank=True)
    email = EncryptedTextField(blank=True)
    number = EncryptedTextField(blank=True)
    not_before = models.DateTimeField(null=True, blank=True)  # the next attempt; empty: nothing more is to be told
    attempts = models.PositiveSmallIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("changement")
        verbose_name_plural = _("changements")
        constraints = [one_of("change", "kind", ChangeKind)]
        indexes = [
            models.Index(name="change_due", fields=["not_before"], condition=models.Q(not_before__isnull=False)),
            models.Index(name="change_of_hers", fields=["victim", "-at"]),
        ]

    def __str__(self) -> str:
        return f"change {self.pk}"
