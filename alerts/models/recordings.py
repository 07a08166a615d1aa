"""A recording of hers: whose, when, and whether it can still be opened. Its sound and its proof are files, not rows."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.alerts import Alert
from alerts.models.associations import Advocate, Association
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
    settled_at = models.DateTimeField(null=True, blank=True)  # nothing comes any more, and every stamp is there
    kept_at = models.DateTimeField(null=True, blank=True)  # when she last said that it is to be kept
    asked_at = models.DateTimeField(null=True, blank=True)  # when she was last asked whether to keep it
    erase_at = models.DateTimeField(null=True, blank=True)  # she wants it gone; until then she may take that back

    class Meta:
        verbose_name = _("enregistrement")
        verbose_name_plural = _("enregistrements")
        constraints = [one_of("recording", "state", RecordingState)]
        indexes = [
            models.Index(name="recording_of_hers", fields=["victim", "-opened_at"]),
            models.Index(name="recording_running", fields=["heard_at"], condition=models.Q(state="running")),
            models.Index(name="recording_unsettled", fields=["opened_at"], condition=models.Q(settled_at=None)),
            models.Index(name="recording_to_erase", fields=["erase_at"], condition=models.Q(erase_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"recording {self.pk}"


class Handover(models.Model):
    """A copy for her association: she allows it, one advocate asks, another one agrees, and the first takes it.

    Without its row there is no consent; it goes when she takes that back.
    """

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, related_name="handover")
    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="+")
    with_sound = models.BooleanField(_("avec le son"), default=False)  # else only what proves that it exists unchanged
    allowed_at = models.DateTimeField(_("permis"))
    asked_by = models.ForeignKey(Advocate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(Advocate, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("remise à l'association")
        verbose_name_plural = _("remises aux associations")
        constraints = [
            models.CheckConstraint(
                name="handover_two_people",
                condition=models.Q(agreed_by=None) | ~models.Q(agreed_by=models.F("asked_by")),
            )
        ]

    def __str__(self) -> str:
        return f"handover {self.pk}"


class Lodging(models.Model):
    """A head of the log of recordings, mailed to an association. The row is the queue."""

    association = models.ForeignKey(Association, on_delete=models.CASCADE, related_name="lodgings")
    sequence = models.PositiveIntegerField()
    head = models.CharField(max_length=64)
    at = models.DateTimeField()
    not_before = models.DateTimeField(null=True, blank=True)  # the next attempt; empty: nothing more is to be done
    attempts = models.PositiveSmallIntegerField(default=0)
    lodged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("empreinte déposée")
        verbose_name_plural = _("empreintes déposées")
        indexes = [
            models.Index(name="lodging_due", fields=["not_before"], condition=models.Q(not_before__isnull=False)),
            models.Index(name="lodging_newest", fields=["association", "-at"]),
        ]

    def __str__(self) -> str:
        return f"lodging {self.pk}"
