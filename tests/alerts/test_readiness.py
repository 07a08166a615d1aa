"""How a drill went: who received, who opened, who took charge, in how many seconds; and what she should mend."""

from datetime import timedelta

import pytest

from alerts.domain import her_drills, mending, readiness
from alerts.domain.readiness import Readiness, Report
from alerts.models import Contact, Delivery
from alerts.states import AlertState, Channel, DeliveryState, Gesture
from tests.desks import signed_in
from tests.night import Night
from tests.people import AWA, LUCIE, NADIA, THOMAS, YANN, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def drill(night: Night) -> Night:
    """A drill that began just now; every message left."""
    her_drills.start(night.marie, gesture=Gesture.DOUBLE, now=night.now)
    night.work()
    return night


def passes(night: Night, seconds: int) -> None:
    night.now += timedelta(seconds=seconds)


def report(night: Night) -> Report:
    return readiness.report(night.alert, now=night.now)


def of(night: Night, person: Person) -> Readiness:
    return next(one for one in report(night).people if one.name == person.name)


def advice(night: Night, person: Person) -> str:
    return " ".join(mending.advice(of(night, person)))


def test_seconds_are_counted_from_the_beginning(drill: Night) -> None:
    passes(drill, 4)
    drill.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)
    passes(drill, 8)
    drill.opens_the_link(NADIA)
    passes(drill, 9)
    drill.takes_charge(NADIA)

    nadia = of(drill, NADIA)
    assert (nadia.received, nadia.opened, nadia.took_charge, nadia.is_ready) == (4, 12, 21, True)
    assert (report(drill).ready, report(drill).took_charge, report(drill).is_over) == (1, True, False)


def test_who_opened_has_received_also_where_no_receipt_came(drill: Night) -> None:
    passes(drill, 30)
    drill.opens_the_link(THOMAS)

    assert (of(drill, THOMAS).received, of(drill, THOMAS).opened) == (30, 30)


def test_a_call_that_was_picked_up_proves_nothing(drill: Night) -> None:
    """A voicemail picks up too."""
    passes(drill, 5)
    drill.receipt(AWA, Channel.VOICE, DeliveryState.DELIVERED)

    awa = of(drill, AWA)
    assert (awa.received, awa.is_ready) == (None, False)
    assert "Appel : décroché, peut-être par une messagerie" in [way.words for way in awa.ways]


def test_a_key_pressed_is_a_reaction(drill: Night) -> None:
    passes(drill, 6)
    drill.presses(AWA, "1")
    passes(drill, 1)
    drill.presses(LUCIE, "9")

    assert (of(drill, AWA).took_charge, of(drill, LUCIE).declined) == (6, True)
    assert report(drill).ready == 2


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("30005", "Ce numéro n'existe pas : corrigez-le."),
        ("30006", "C'est une ligne fixe, sans SMS : gardez l'appel, ajoutez une adresse e-mail."),
        ("30003", "Téléphone éteint ou hors réseau : recommencez à une autre heure."),
        ("30007", "Son opérateur bloque le message : demandez-lui d'enregistrer le numéro du service."),
    ],
)
def test_what_failed_is_said_with_what_to_do(drill: Night, code: str, sentence: str) -> None:
    drill.receipt(YANN, Channel.SMS, DeliveryState.FAILED, code=code)

    assert sentence in advice(drill, YANN)


def test_nothing_arrives_by_any_way(drill: Night) -> None:
    Delivery.objects.filter(contact=drill.contact(YANN)).update(state=DeliveryState.FAILED, error_code="30005")

    assert "Rien ne lui parvient" in advice(drill, YANN)


def test_received_and_not_opened(drill: Night) -> None:
    drill.receipt(YANN, Channel.SMS, DeliveryState.DELIVERED)

    assert "sans ouvrir le lien" in advice(drill, YANN)


def test_stop_and_a_single_way_are_said(drill: Night) -> None:
    Delivery.objects.filter(contact=drill.contact(LUCIE)).exclude(channel=Channel.SMS).delete()
    Contact.objects.filter(pk=drill.contact(LUCIE).pk).update(sms_stopped_at=drill.now)

    assert "START" in advice(drill, LUCIE)
    assert "Un seul moyen" in advice(drill, LUCIE)


def test_who_reacted_by_every_way_needs_nothing(drill: Night) -> None:
    drill.opens_the_link(NADIA)

    assert mending.advice(of(drill, NADIA)) == []


def test_what_comes_after_the_end_does_not_count(drill: Night) -> None:
    passes(drill, 10)
    drill.closes(AlertState.CLOSED_UNDER_DURESS)
    passes(drill, 10)
    drill.opens_the_link(NADIA)
    drill.takes_charge(NADIA)

    nadia = of(drill, NADIA)
    assert (nadia.opened, nadia.took_charge, nadia.is_ready, report(drill).is_over) == (None, None, False, True)
    assert "lien ouvert" not in str([way.words for way in nadia.ways])


def test_a_later_round_takes_nothing_back(drill: Night) -> None:
    drill.receipt(NADIA, Channel.SMS, DeliveryState.DELIVERED)
    drill.after(61)
    drill.receipt(NADIA, Channel.VOICE, DeliveryState.FAILED, code="no-answer")

    words = [way.words for way in of(drill, NADIA).ways]
    assert "SMS : reçu" in words
    assert any(word.startswith("Appel : ") for word in words)


def test_she_reads_all_of_it_on_one_page(drill: Night) -> None:
    passes(drill, 12)
    drill.opens_the_link(NADIA)
    drill.receipt(YANN, Channel.SMS, DeliveryState.FAILED, code="30005")
    drill.closes()

    page = signed_in(drill.marie.account).get(f"/profile/drills/{drill.alert.pk}/").content.decode()

    assert "Lien ouvert en 12 secondes." in page
    assert "corrigez-le" in page
    assert "Ont réagi : 1 sur 5." in page
    assert "Personne n'a pris en charge" in page
    history = signed_in(drill.marie.account).get("/profile/drills/").content.decode()
    assert "Ont réagi : 1 sur 5" in history
