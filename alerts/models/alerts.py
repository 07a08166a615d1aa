"""A click, the alert that it opened, where she was, and everything that happened."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of
from alerts.models.contacts import Contact
from alerts.models.fields import EncryptedTextField
from alerts.models.victims import Phone, Victim
from alerts.states import LIVE_FOR_CONTACTS, AlertKind, AlertState, EventKind, Gesture


class AlertQuerySet(models.QuerySet["Alert"]):
    """Alerts, past ones included."""

    def live_for_contacts(self, now: datetime) -> "AlertQuerySet":
        """Those whose links work: open, or closed under duress, before the cap."""
        return self.filter(state__in=LIVE_FOR_CONTACTS, expires_at__gt=now)


class Alert(models.Model):
    """One emergency of one victim; at most one is open at a time."""

    id = models.UUIDField(primary_key=True)
    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, related_name="alerts")
    kind = models.CharField(_("gravité"), max_length=20)
    state = models.CharField(_("état"), max_length=20, default=AlertState.OPEN)
    drill = models.BooleanField(_("exercice"), default=False)
    started_by = models.ForeignKey(  # a drill of hers that an advocate began
        "alerts.Advocate", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("ouverte"))
    expires_at = models.DateTimeField(_("terme"))
    ended_at = models.DateTimeField(_("terminée"), null=True, blank=True)
    reason = models.CharField(_("motif"), max_length=20, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    in_charge = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    graver_since: datetime | None = None  # no column: whoever repeats the alert asks its timeline first

    objects = AlertQuerySet.as_manager()

    class Meta:
        verbose_name = _("alerte")
        verbose_name_plural = _("alertes")
        ordering = ["-opened_at"]
        constraints = [
            one_of("alert", "kind", AlertKind),
            one_of("alert", "state", AlertState),
            models.UniqueConstraint(
                name="alert_one_open", fields=["victim"], condition=models.Q(state=AlertState.OPEN)
            ),
            models.CheckConstraint(
                name="alert_ended_when_not_open",
                condition=models.Q(state=AlertState.OPEN, ended_at=None)
                | (~models.Q(state=AlertState.OPEN) & models.Q(ended_at__isnull=False)),
            ),
        ]
        indexes = [
            models.Index(name="alert_live", fields=["state", "expires_at"]),
            models.Index(name="alert_newest", fields=["victim", "-opened_at"]),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}"

    def is_live(self, now: datetime) -> bool:
        """Whether the contacts' links work at this moment (UTC)."""
        return self.state in LIVE_FOR_CONTACTS and now < self.expires_at

    def grow(self, by: int = 1) -> int:
        """The next sequence number of this alert, or the last of so many; the row stays locked until the commit."""
        Alert.objects.filter(pk=self.pk).update(sequence=models.F("sequence") + by)
        self.sequence = Alert.objects.values_list("sequence", flat=True).get(pk=self.pk)
        return self.sequence


class Click(models.Model):
    """What her hand did, once: the phone's own id makes every repeat harmless."""

    phone = models.ForeignKey(Phone, on_delete=models.CASCADE, related_name="clicks")
    uid = models.UUIDField()
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="clicks")
    gesture = models.CharField(max_length=10)
    clicked_at = models.DateTimeField()
    received_at = models.DateTimeField()
    battery = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        verbose_name = _("clic")
        verbose_name_plural = _("clics")
        constraints = [
            one_of("click", "gesture", Gesture),
            models.UniqueConstraint(name="click_once", fields=["phone", "uid"]),
        ]

    def __str__(self) -> str:
        return f"click {self.pk}"


class Position(models.Model):
    """One fix of her phone during one alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="positions")
    uid = models.UUIDField()
    latitude = models.FloatField()
    longitude = models.FloatField()
    accuracy = models.FloatField(null=True, blank=True, help_text=_("mètres"))
    speed = models.FloatField(null=True, blank=True, help_text=_("mètres par seconde"))
    heading = models.FloatField(null=True, blank=True, help_text=_("degrés depuis le nord"))
    altitude = models.FloatField(null=True, blank=True, help_text=_("mètres"))
    battery = models.PositiveSmallIntegerField(null=True, blank=True)
    recorded_at = models.DateTimeField(help_text=_("horloge du téléphone"))
    fixed_at = models.DateTimeField(help_text=_("même instant sur l'horloge du serveur"))
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        constraints = [
            models.UniqueConstraint(name="position_once", fields=["alert", "uid"]),
            models.CheckConstraint(
                name="position_on_earth",
                condition=models.Q(latitude__range=(-90, 90)) & models.Q(longitude__range=(-180, 180)),
            ),
        ]
        indexes = [models.Index(name="position_newest", fields=["alert", "-recorded_at"])]

    def __str__(self) -> str:
        return f"position {self.pk}"


class EventQuerySet(models.QuerySet["Event"]):
    """Lines of timelines."""

    def append(self, alert: Alert, kind: EventKind, *, at: datetime, **fields: object) -> "Event":
        """Write the next line and let `alert.sequence` grow with it. Call it inside the transaction that stores."""
        sequence = alert.grow()
        return self.create(alert=alert, sequence=sequence, at=at, kind=kind, **fields)

    def declined(self, alert: Alert) -> set[int]:
        """The contacts (ids) who pressed 9 in this alert: they are not called again."""
        said = self.filter(alert=alert, kind=EventKind.DECLINED, contact__isnull=False)
        return set(said.values_list("contact_id", flat=True))

    def graver_since(self, alert: Alert) -> datetime | None:
        """When a stronger click last made this alert graver (UTC)."""
        upgraded = self.filter(alert=alert, kind=EventKind.UPGRADED).order_by("-sequence")
        return upgraded.values_list("at", flat=True).first()


class Event(models.Model):
    """One line of the timeline. Append-only: nothing in the project changes or removes one."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=40)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    delivery = models.ForeignKey("alerts.Delivery", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    act = models.UUIDField(null=True, blank=True, help_text=_("identifiant de l'action, contre les doublons"))
    by = models.CharField(max_length=20, blank=True, help_text=_("page, téléphone ou SMS"))
    note = EncryptedTextField(blank=True)
    done_at = models.DateTimeField(
        null=True, blank=True, help_text=_("quand son auteur dit l'avoir fait, si la nouvelle a tardé")
    )

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("évènement")
        verbose_name_plural = _("évènements")
        ordering = ["alert", "sequence"]
        constraints = [
            one_of("event", "kind", EventKind),
            models.UniqueConstraint(name="event_in_order", fields=["alert", "sequence"]),
            models.UniqueConstraint(
                name="event_act_once", fields=["alert", "act"], condition=models.Q(act__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"event {self.pk}"


class AppendOnlyError(TypeError):
    """Somebody tried to change or to take back what is only ever added to."""


class LookQuerySet(models.QuerySet["Look"]):
    """Looks: written once. They go with their alert, when she erases it or its time is over, and not before."""

    def update(self, **_fields: object) -> int:
        """Never."""
        raise AppendOnlyError

    def delete(self) -> tuple[int, dict[str, int]]:
        """Never."""
        raise AppendOnlyError


class Look(models.Model):
    """Somebody looked at her position. Append-only: she sees the list and nobody can shorten it."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="looks")
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    account = models.ForeignKey("alerts.Account", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    what = models.CharField(max_length=20)

    objects = LookQuerySet.as_manager()

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"look {self.pk}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Once."""
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *_args: Any, **_kwargs: Any) -> tuple[int, dict[str, int]]:
        """Never."""
        raise AppendOnlyError
