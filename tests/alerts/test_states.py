"""The tables of moves agree with the words, and with the database."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from alerts import states
from alerts.models import Alert, Contact
from alerts.states import AlertState, DeliveryState
from tests.people import NADIA, make_contact, make_marie

TABLES: list[Mapping[StrEnum, frozenset[StrEnum]]] = [
    states.ALERT_MOVES,  # type: ignore[list-item]
    states.DELIVERY_MOVES,  # type: ignore[list-item]
    states.CONTACT_MOVES,  # type: ignore[list-item]
    states.BUTTON_MOVES,  # type: ignore[list-item]
]


@pytest.mark.parametrize("table", TABLES)
def test_every_state_has_its_row(table: Mapping[StrEnum, frozenset[StrEnum]]) -> None:
    kind = type(next(iter(table)))
    assert set(table) == set(kind)
    assert all(start not in ends for start, ends in table.items()), "a move goes somewhere else"


def test_an_ended_alert_stays_ended() -> None:
    assert not states.ALERT_MOVES[AlertState.CLOSED]
    assert not states.ALERT_MOVES[AlertState.EXPIRED]
    assert states.before(states.ALERT_MOVES, AlertState.CLOSED) == {AlertState.OPEN}


RANK = {
    DeliveryState.DUE: 0,
    DeliveryState.SENDING: 0,
    DeliveryState.UNKNOWN: 0,
    DeliveryState.ACCEPTED: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.FAILED: 2,
    DeliveryState.OPENED: 3,
    DeliveryState.ANSWERED: 3,
}


@given(st.lists(st.sampled_from(list(DeliveryState)), max_size=30))
def test_receipts_in_any_order_never_bring_a_delivery_back(wanted: list[DeliveryState]) -> None:
    state, reached = DeliveryState.DUE, 0
    for to in wanted:
        if to in states.DELIVERY_MOVES[state]:
            state = to
        assert RANK[state] >= reached
        reached = RANK[state]


@pytest.mark.django_db
def test_the_database_refuses_a_contact_in_a_state_it_does_not_know() -> None:
    make_contact(make_marie(relatives=()), NADIA, rank=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contact.objects.update(state="perhaps")


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["state", "kind"])
def test_the_database_refuses_an_alert_with_a_word_it_does_not_know(column: str) -> None:
    marie = make_marie(relatives=())
    words = {"kind": "rescue", "state": "open"} | {column: "perhaps"}
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(id=uuid4(), victim=marie, opened_at=marie.created_at, expires_at=marie.created_at, **words)


@pytest.mark.django_db
def test_a_victim_has_one_open_alert_at_most() -> None:
    marie = make_marie(relatives=())
    row = {"victim": marie, "kind": "rescue", "opened_at": marie.created_at, "expires_at": marie.created_at}
    Alert.objects.create(id=uuid4(), **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Alert.objects.create(id=uuid4(), **row)
