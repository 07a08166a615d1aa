"""What a relative was asked and answered, on a page that needs no account."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.constraints import one_of
from alerts.models.contacts import Contact
from alerts.models.deliveries import Delivery
from alerts.states import ConsentAnswer


class Consent(models.Model):
    """The answer of one relative, kept apart from what the victim makes of it (`Contact.state`).

    A decoy and a removed relative go on reading their own answer here, so that the page betrays nothing.
    """

    contact = models.OneToOneField(Contact, on_delete=models.CASCADE, related_name="consent")
    place = models.CharField(max_length=32, unique=True)
    answer = models.CharField(_("réponse"), max_length=20, default=ConsentAnswer.AWAITED)
    answered_at = models.DateTimeField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("accord d'un proche")
        verbose_name_plural = _("accords des proches")
        constraints = [one_of("consent", "answer", ConsentAnswer)]

    def __str__(self) -> str:
        return f"consent {self.pk}"


class ConsentToken(models.Model):
    """The secret of one invitation: only its SHA-256 is kept. It opens the page for as long as the record exists."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="tokens")
    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, null=True, related_name="consent_tokens")
    token_hash = models.CharField(max_length=64, unique=True)
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("jeton d'invitation")
        verbose_name_plural = _("jetons d'invitation")

    def __str__(self) -> str:
        return f"consent token {self.pk}"
