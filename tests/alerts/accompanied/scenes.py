"""What Marie ticks, and the pages of Karim."""

from django.urls import reverse

from alerts.models import Alert, Victim

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ALL = {"advocate_drills": True, "advocate_silences": True, "advocate_names": True}


def ticks(marie: Victim, **wishes: bool) -> None:
    """She ticks, or no longer."""
    Victim.objects.filter(pk=marie.pk).update(**wishes)
    marie.refresh_from_db()


def address(name: str, marie: Victim, drill: Alert | None = None) -> str:
    """A page of Karim's about her."""
    return reverse(f"alerts:{name}", args=[marie.pk, drill.pk] if drill else [marie.pk])
