"""The only way an edge obtains an object for a person: absent and not yours are the same answer, None."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from alerts.links import fingerprint
from alerts.models import Account, Advocate, Alert, Contact, Handover, Phone, Recording, RecordingState, Victim
from alerts.models.fields import digest
from alerts.states import AlertState, ContactState


def phone_by_token(token: str) -> Phone | None:
    """The active phone that holds this bearer token."""
    return Phone.objects.active().select_related("victim").filter(token_hash=fingerprint(token)).first()


def phone_by_osmand_id(osmand_id: str) -> Phone | None:
    """The active phone whose background client sends under this identifier."""
    return Phone.objects.active().select_related("victim").filter(osmand_digest=digest("osmand", osmand_id)).first()


def victim_of(account: Account) -> Victim | None:
    """Her own record, for the person signed in."""
    return Victim.objects.filter(account=account, account__is_active=True).first()


def advocate_of(account: Account) -> Advocate | None:
    """The advocate signed in."""
    return (
        Advocate.objects.select_related("association", "account")
        .filter(account=account, account__is_active=True)
        .first()
    )


def accompanied_by(advocate: Advocate) -> QuerySet[Victim]:
    """Those whom this advocate's association accompanies, with their consent; canaries are nobody."""
    return (
        Victim.objects.select_related("account")
        .filter(association=advocate.association, canary=False, account__is_active=True)
        .order_by("account__username")
    )


def contact_of(victim: Victim, pk: int) -> Contact | None:
    """One of her own contacts, not a removed one."""
    return Contact.objects.filter(victim=victim, pk=pk).exclude(state=ContactState.REMOVED).first()


def phone_of(victim: Victim, pk: int) -> Phone | None:
    """One of her own active telephones."""
    return Phone.objects.active().filter(victim=victim, pk=pk).first()


def past_alerts_of(victim: Victim, *, now: datetime) -> QuerySet[Alert]:
    """Her alerts that are over for her phone, one closed under duress too; the newest first."""
    return (
        Alert.objects.select_related("victim").filter(victim=victim).exclude(state=AlertState.OPEN, expires_at__gt=now)
    )


def past_alert_of(victim: Victim, pk: UUID, *, now: datetime) -> Alert | None:
    """One of them."""
    return past_alerts_of(victim, now=now).filter(pk=pk).first()


def drills_of(victim: Victim) -> QuerySet[Alert]:
    """Her drills, the newest first; also the one that goes on."""
    hers = Alert.objects.select_related("victim", "started_by__association")
    return hers.filter(victim=victim, drill=True).order_by("-opened_at")


def drill_of(victim: Victim, pk: UUID) -> Alert | None:
    """One of them."""
    return drills_of(victim).filter(pk=pk).first()


def open_alert_of(victim: Victim, *, now: datetime) -> Alert | None:
    """The alert that is open for her phone: one closed under duress is not."""
    return Alert.objects.filter(victim=victim, state=AlertState.OPEN, expires_at__gt=now).first()


def recordings_of(victim: Victim) -> QuerySet[Recording]:
    """Her recordings, the newest first; of those that are erased the row remains."""
    return Recording.objects.select_related("alert", "victim").filter(victim=victim).order_by("-opened_at", "-pk")


def recording_of(victim: Victim, pk: UUID) -> Recording | None:
    """One of them that is not erased."""
    return recordings_of(victim).filter(pk=pk).exclude(state=RecordingState.ERASED).first()


def handovers_for(advocate: Advocate) -> QuerySet[Handover]:
    """What those whom this advocate's association accompanies allow it to have a copy of, the newest first."""
    allowed = Handover.objects.select_related("recording__victim__account", "asked_by", "agreed_by")
    return (
        allowed.filter(association=advocate.association, recording__victim__in=accompanied_by(advocate))
        .exclude(recording__state=RecordingState.ERASED)
        .order_by("-allowed_at", "-pk")
    )


def handover_for(advocate: Advocate, pk: int) -> Handover | None:
    """One of them."""
    return handovers_for(advocate).filter(pk=pk).first()
