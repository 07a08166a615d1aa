"""Relatives who agreed to be told."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of
from alerts.models.fields import EncryptedTextField
from alerts.models.victims import Victim
from alerts.states import TOLD, Channel, ContactState, Gesture

MOST_CONTACTS = 5
ON_CALL_RANK = 6


class ContactQuerySet(models.QuerySet["Contact"]):
    """Relatives of victims, in her order."""

    def kept(self) -> "ContactQuerySet":
        """Those whom she sees in her list."""
        return self.exclude(state=ContactState.REMOVED).order_by("rank", "pk")

    def told(self, gesture: Gesture) -> "ContactQuerySet":
        """The relatives who are told of this click: invited or accepted; for a single click those whom she chose.

        The on-call line is not among them: the ladder calls it when nobody takes charge.
        """
        told = self.filter(state__in=TOLD, rank__lte=MOST_CONTACTS).order_by("rank", "pk")
        return told.filter(on_single=True) if gesture is Gesture.SINGLE else told

    def on_call(self) -> "Contact | None":
        """The on-call line of her association, if she agreed to it."""
        return self.filter(state__in=TOLD, rank=ON_CALL_RANK).first()


class Contact(models.Model):
    """One of up to five relatives; the on-call line of her association is a sixth (rank 6)."""

    victim = models.ForeignKey(Victim, on_delete=models.CASCADE, related_name="contacts")
    rank = models.PositiveSmallIntegerField(_("ordre"))
    name = EncryptedTextField(_("prénom"))
    phone_number = EncryptedTextField(_("téléphone"), blank=True)
    phone_digest = models.CharField(max_length=64, blank=True, db_index=True)
    email = EncryptedTextField(_("adresse e-mail"), blank=True)
    language = models.CharField(_("langue"), max_length=5, default="fr", choices=settings.LANGUAGES)
    by_sms = models.BooleanField(_("par SMS"), default=True)
    by_voice = models.BooleanField(_("par appel"), default=True)
    by_email = models.BooleanField(_("par e-mail"), default=True)
    on_single = models.BooleanField(_("prévenu d'un simple clic"), default=True)
    may_ring = models.BooleanField(
        _("peut l'appeler pendant une alerte"),
        default=False,
        db_default=False,  # or all may: `Victim.phone_allowed`
    )
    code_word = EncryptedTextField(_("mot convenu"), blank=True, db_default="")
    state = models.CharField(_("état"), max_length=20, default=ContactState.INVITED)
    sms_stopped_at = models.DateTimeField(_("a répondu STOP"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("proche")
        verbose_name_plural = _("proches")
        constraints = [
            one_of("contact", "state", ContactState),
            models.CheckConstraint(name="contact_rank_known", condition=models.Q(rank__range=(1, ON_CALL_RANK))),
            models.UniqueConstraint(
                name="contact_number_once",
                fields=["victim", "phone_digest"],
                condition=~models.Q(state=ContactState.REMOVED) & ~models.Q(phone_digest=""),
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.pk}"

    def channels(self, gesture: Gesture) -> tuple[Channel, ...]:
        """The ways to reach this contact for a click: a single one sends SMS alone, or mail to who has no number."""
        ways = {
            Channel.SMS: self.by_sms and bool(self.phone_number) and self.sms_stopped_at is None,
            Channel.VOICE: self.by_voice and bool(self.phone_number),
            Channel.EMAIL: self.by_email and bool(self.email),
        }
        open_ways = tuple(channel for channel, is_open in ways.items() if is_open)
        if gesture is not Gesture.SINGLE:
            return open_ways
        return next(((way,) for way in (Channel.SMS, Channel.EMAIL, Channel.VOICE) if way in open_ways), ())
