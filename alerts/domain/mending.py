"""What to do about a person whom a drill did not reach well: sentences in the imperative, the gravest first."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from alerts.domain.failures import Reason
from alerts.domain.readiness import Readiness
from alerts.states import Channel, DeliveryState

_ON_ITS_WAY = frozenset({DeliveryState.DUE, DeliveryState.SENDING, DeliveryState.UNKNOWN})


def advice(person: Readiness) -> Sequence[str]:
    """Nothing for who noticed by every way that was tried."""
    failed = [way.reason for way in person.ways if way.reason and way.state is DeliveryState.FAILED]
    reasons = _reasons()
    said = [reasons[reason] for reason in failed if reason in reasons]
    if person.stopped:
        said.append(reasons[Reason.STOPPED])
    if not person.is_ready:
        said.append(_unnoticed(person))
    if len(person.ways) == 1:
        said.append(_("Un seul moyen de joindre cette personne : ajoutez un appel ou une adresse e-mail."))
    return list(dict.fromkeys(said))


def _unnoticed(person: Readiness) -> str:
    states = {way.state for way in person.ways}
    if states <= {DeliveryState.FAILED}:
        return _("Rien ne lui parvient : vérifiez son numéro avec elle ou lui, ou choisissez une autre personne.")
    if states <= _ON_ITS_WAY | {DeliveryState.FAILED}:
        return _("Rien n'est encore parti : le réseau ne répond pas. Recommencez plus tard.")
    if any(way.channel is Channel.SMS and way.state is DeliveryState.DELIVERED for way in person.ways):
        return _("A reçu le SMS sans ouvrir le lien : dites-lui ce qu'est ce lien, et qu'on l'ouvre sans attendre.")
    return _("N'a pas réagi : demandez-lui d'enregistrer le numéro du service et de le laisser sonner la nuit.")


def _reasons() -> Mapping[Reason, str]:
    return {
        Reason.NO_SUCH_NUMBER: _("Ce numéro n'existe pas : corrigez-le."),
        Reason.LANDLINE: _("C'est une ligne fixe, sans SMS : gardez l'appel, ajoutez une adresse e-mail."),
        Reason.STOPPED: _("A répondu STOP : demandez-lui d'envoyer START au même numéro."),
        Reason.UNREACHABLE: _("Téléphone éteint ou hors réseau : recommencez à une autre heure."),
        Reason.NO_SUCH_MAILBOX: _("Cette adresse e-mail n'existe pas : corrigez-la."),
        Reason.NO_ANSWER: _("N'a pas décroché : demandez-lui d'autoriser ce numéro dans « Ne pas déranger »."),
        Reason.BUSY: _("Ligne occupée : recommencez à une autre heure."),
        Reason.FILTERED: _("Son opérateur bloque le message : demandez-lui d'enregistrer le numéro du service."),
        Reason.NOT_ALLOWED: _("Ce pays n'est pas desservi : donnez un autre numéro."),
        Reason.FORBIDDEN: _("Ce numéro ne peut pas être appelé : donnez-en un autre."),
    }
