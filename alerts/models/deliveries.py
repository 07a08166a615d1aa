"""One message to one contact by one channel, and the personal link that it carries."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.alerts import Alert
from alerts.models.constraints import one_of
from alerts.models.contacts import Contact
from alerts.states import Channel, DeliveryState, Occasion


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """The row is the queue."""

    def due(self, now: datetime) -> "DeliveryQuerySet":
        """Those that a worker may claim now."""
        return self.filter(state=DeliveryState.DUE, not_before__lte=now)


class Delivery(models.Model):
    """The id is the provider's reference, because a receipt can arrive before the provider's own id is stored."""

    id = models.UUIDField(primary_key=True)
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, null=True, blank=True, related_name="deliveries")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("canal"), max_length=10)
    occasion = models.CharField(_("occasion"), max_length=20)
    state = models.CharField(_("état"), max_length=20, default=DeliveryState.DUE)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()  # of a due one: the next attempt; of an unknown one: the next question
    leased_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=60, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text=_("envois dont personne ne sait l'issue")
    )
    provider = models.CharField(max_length=20, blank=True)
    provider_id = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    parts = models.PositiveSmallIntegerField(default=0, help_text=_("segments facturés d'un SMS"))
    seconds = models.PositiveIntegerField(null=True, blank=True, help_text=_("durée d'un appel"))
    asked_at = models.DateTimeField(null=True, blank=True, help_text=_("réseau interrogé sur un accusé manquant"))
    moved_at = models.DateTimeField()

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            one_of("delivery", "state", DeliveryState),
            one_of("delivery", "channel", Channel),
            one_of("delivery", "occasion", Occasion),
            models.UniqueConstraint(name="delivery_once", fields=["alert", "contact", "channel", "occasion"]),
            models.CheckConstraint(
                name="delivery_leased_while_sending",
                condition=(models.Q(state=DeliveryState.SENDING) & models.Q(leased_until__isnull=False))
                | (~models.Q(state=DeliveryState.SENDING) & models.Q(leased_until=None)),
            ),
        ]
        indexes = [
            models.Index(name="delivery_due", fields=["not_before"], condition=models.Q(state=DeliveryState.DUE)),
            models.Index(
                name="delivery_sending", fields=["leased_until"], condition=models.Q(state=DeliveryState.SENDING)
            ),
            models.Index(
                name="delivery_unheard_of",
                fields=["moved_at"],
                condition=models.Q(state=DeliveryState.ACCEPTED, channel__in=["sms", "voice"]),
            ),
            models.Index(name="delivery_refused", fields=["moved_at"], condition=~models.Q(error_code="")),
            models.Index(
                name="delivery_unknown", fields=["not_before"], condition=models.Q(state=DeliveryState.UNKNOWN)
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"


class Link(models.Model):
    """A contact's own place in one alert. Its tokens live and die together."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="links")
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="links")
    place = models.CharField(max_length=32, unique=True)
    opened_at = models.DateTimeField(null=True, blank=True)
    cut_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("lien")
        verbose_name_plural = _("liens")
        constraints = [models.UniqueConstraint(name="link_once", fields=["alert", "contact"])]

    def __str__(self) -> str:
        return f"link {self.pk}"


class LinkToken(models.Model):
    """The secret of one sent message: only its SHA-256 is kept."""

    link = models.ForeignKey(Link, on_delete=models.CASCADE, related_name="tokens")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, null=True, related_name="tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("jeton de lien")
        verbose_name_plural = _("jetons de lien")

    def __str__(self) -> str:
        return f"link token {self.pk}"
