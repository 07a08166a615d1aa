"""What she writes in advance for the police: read aloud by a relative who calls the 17, during an alert alone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from alerts.models.fields import EncryptedTextField
from alerts.models.victims import Victim


class PoliceSheet(models.Model):
    """Every answer is encrypted; an empty one means that she was asked and did not say. The address is the victim's."""

    victim = models.OneToOneField(Victim, on_delete=models.CASCADE, primary_key=True, related_name="police_sheet")
    building = EncryptedTextField(blank=True)
    floor = EncryptedTextField(blank=True)
    code = EncryptedTextField(blank=True)
    residents = EncryptedTextField(blank=True)
    person = EncryptedTextField(blank=True)  # her age, a pregnancy, a disability, a treatment
    children = EncryptedTextField(blank=True)
    aggressor = EncryptedTextField(blank=True)
    weapons = EncryptedTextField(blank=True)
    vehicle = EncryptedTextField(blank=True)
    protections = EncryptedTextField(blank=True)  # words of `Protection`, comma-separated
    order = EncryptedTextField(blank=True)  # date, court, number of the order
    written_at = models.DateTimeField()

    class Meta:
        verbose_name = _("fiche pour la police")
        verbose_name_plural = _("fiches pour la police")

    def __str__(self) -> str:
        return f"police sheet {self.pk}"
