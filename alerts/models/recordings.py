"""A recording of hers: whose, when, and whether it can still be opened. Its sound and its proof are files, not rows."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.alerts import Alert
from alerts.models.constraints import one_of
from alerts.models.victims import Phone, Victim


class RecordingState(StrEnum):
    """Moves forward only."""

    RUNNING = "running"
    CLOSED = "closed"
    ERASED = "erased"  # key and sound are destroyed; the log keeps that it was


class Recording(models.Model):
    """One press that records. The id is drawn by her phone; `started_at` is what its clock said."""

    id = models.UUIDField(primary_key=True)
    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, related_name="recordings")
    alert = models.ForeignKey(Alert, on_delete=models.SET_NULL, null=True, blank=True, related_name="recordings")
    phone = models.ForeignKey(Phone, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(_("état"), max_length=20, default=RecordingState.RUNNING)
    media_type = models.CharField(max_length=60)
    started_at = models.DateTimeField(_("commencé, dit le téléphone"))
    opened_at = models.DateTimeField(_("commencé"))
    heard_at = models.DateTimeField(_("dernier son reçu"))
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("enregistrement")
        verbose_name_plural = _("enregistrements")
        constraints = [one_of("recording", "state", RecordingState)]
        indexes = [
            models.Index(name="recording_of_hers", fields=["victim", "-opened_at"]),
            models.Index(name="recording_running", fields=["heard_at"], condition=models.Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"recording {self.pk}"
