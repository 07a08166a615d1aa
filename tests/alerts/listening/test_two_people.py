"""Her association has a copy only if she allows it, and two people there are of one mind; she hears of each step."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import accompanying, forgetting, handing, vault
from alerts.models import Account, Advocate, Association, Change, ChangeKind, Handover, Recording, Victim
from tests.alerts.accompanied.scenes import SECRET
from tests.alerts.listening.test_taking_away import unpacked
from tests.desks import signed_in, with_password
from tests.people import PASSWORD
from tests.recorded import make_recording

pytestmark = pytest.mark.django_db
Deeds = Callable[[Client, str], Any]


@pytest.fixture
def allowed(karim: Advocate, recording: Recording, desk: Client) -> Handover:
    """She allows a copy with the sound."""
    address = reverse("alerts:recording_share", args=[recording.pk])
    assert desk.post(address, {"do": "allow", "sound": "open"}).status_code == 302
    Change.objects.all().delete()
    return Handover.objects.get()


def do(client: Client, step: str, row: Handover) -> Any:
    return client.post(reverse(f"alerts:accompanied_recording_{step}", args=[row.pk]))


def kinds(recording: Recording) -> list[tuple[str, int]]:
    lines = vault.log().about(str(recording.pk))
    return [(line.kind, line.facts["account"]) for line in lines if line.kind.startswith("copy_")]


def announced() -> list[str]:
    told = Change.objects.exclude(kind__in=[ChangeKind.SIGNED_IN]).order_by("pk")
    return list(told.values_list("kind", flat=True))


def test_karim_asks_leila_agrees_karim_takes_and_she_reads_each_step(
    allowed: Handover, his: Client, hers: Client, desk: Client, tmp_path: Path
) -> None:
    karim, leila = Advocate.objects.order_by("pk")
    do(his, "ask", allowed)
    do(hers, "agree", allowed)
    expert = unpacked(do(his, "take", allowed), tmp_path / "copy")

    assert "opened with age" in expert.finds_nothing()
    marie = allowed.recording.victim
    assert kinds(allowed.recording) == [
        ("copy_allowed", marie.account_id),
        ("copy_asked", karim.account_id),
        ("copy_agreed", leila.account_id),
        ("copy_handed_over", karim.account_id),
    ]
    assert announced() == [ChangeKind.ASSOCIATION, ChangeKind.ASSOCIATION, ChangeKind.TAKEN_AWAY]
    page = desk.get(reverse("alerts:recording", args=[allowed.recording_id])).content.decode()
    for who, words in ((karim, "copie demandée"), (leila, "accord donné"), (karim, "copie emportée")):
        assert f"Contre Vents (compte {who.account_id}) : {words}" in page


def test_without_the_sound_the_copy_opens_nothing(allowed: Handover, his: Client, hers: Client, tmp_path: Path) -> None:
    Handover.objects.update(with_sound=False)
    do(his, "ask", allowed)
    do(hers, "agree", allowed)

    expert = unpacked(do(his, "take", allowed), tmp_path / "copy")

    expert.finds_nothing()
    assert not (expert.folder / "recording.key").exists()


def test_one_person_alone_takes_nothing(allowed: Handover, karim: Advocate, his: Client) -> None:
    for step in ("take", "agree", "ask", "agree", "take", "ask"):
        assert "Location" in do(his, step, allowed), step

    row = Handover.objects.get()
    assert (row.asked_by, row.agreed_by) == (karim, None)
    assert [kind for kind, _who in kinds(allowed.recording)] == ["copy_allowed", "copy_asked"]
    assert "Donner mon accord" not in his.get(reverse("alerts:accompanied_recordings")).content.decode()


def test_the_database_refuses_one_person_twice(allowed: Handover, karim: Advocate) -> None:
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.update(asked_by=karim, asked_at=now, agreed_by=karim, agreed_at=now)


def test_the_second_person_agrees_and_does_not_take(
    allowed: Handover, his: Client, hers: Client, karim: Advocate
) -> None:
    do(his, "ask", allowed)
    do(hers, "agree", allowed)

    assert "Location" in do(hers, "take", allowed)
    assert "copy_handed_over" not in dict(kinds(allowed.recording))


def test_an_agreement_lasts_a_day_and_a_question_a_week(allowed: Handover, karim: Advocate, leila: Advocate) -> None:
    now = timezone.now()
    handing.ask(allowed, karim, now=now)
    late = Handover.objects.get()
    with pytest.raises(handing.NotAllowedError):
        handing.agree(late, leila, now=now + timedelta(days=8))
    handing.agree(late, leila, now=now)
    agreed = Handover.objects.select_related("recording").get()
    assert handing.may_take(agreed, karim, now=now + timedelta(hours=23))
    with pytest.raises(handing.NotAllowedError):
        handing.take(agreed, karim, now=now + timedelta(hours=25))


def test_of_two_who_ask_at_once_one_asked(allowed: Handover, karim: Advocate, leila: Advocate) -> None:
    same = Handover.objects.select_related("recording__victim").get()
    handing.ask(allowed, karim, now=timezone.now())

    with pytest.raises(handing.NotAllowedError):
        handing.ask(same, leila, now=timezone.now())
    assert Handover.objects.get().asked_by == karim


def _she_takes_it_back(row: Handover) -> None:
    handing.take_back(row.recording, now=timezone.now())


def _she_leaves(row: Handover) -> None:
    accompanying.leave(row.recording.victim, now=timezone.now())


def _she_erases_it(row: Handover) -> None:
    forgetting.ask(row.recording, now=timezone.now())


@pytest.mark.parametrize("deed", [_she_takes_it_back, _she_leaves, _she_erases_it])
def test_what_she_takes_back_ends_at_once(
    allowed: Handover, his: Client, hers: Client, deed: Callable[[Handover], None]
) -> None:
    do(his, "ask", allowed)
    do(hers, "agree", allowed)
    deed(Handover.objects.select_related("recording__victim").get())

    assert do(his, "take", allowed).status_code == 404
    assert str(allowed.recording.opened_at.year) not in _rows(his)
    assert kinds(allowed.recording)[-1] == ("copy_taken_back", allowed.recording.victim.account_id)


def _rows(client: Client) -> str:
    page = client.get(reverse("alerts:accompanied_recordings")).content.decode()
    return page[page.index('<ul class="list">') : page.index("</ul>")]


def test_what_she_did_not_allow_is_not_there(karim: Advocate, recording: Recording, his: Client) -> None:
    page = his.get(reverse("alerts:accompanied_recordings")).content.decode()

    assert "Rien pour l'instant" in page.replace("&#x27;", "'")
    assert "marie" not in _rows(his)
    assert his.get(reverse("alerts:recording", args=[recording.pk])).status_code == 404


def test_another_association_and_a_desk_left_open_do_nothing(allowed: Handover, karim: Advocate, his: Client) -> None:
    account = Account.objects.create_user("otto", PASSWORD)
    elsewhere = Association.objects.create(name="Ailleurs")
    Advocate.objects.create(account=account, association=elsewhere)
    TOTP.activate(account, SECRET)
    for step in ("ask", "agree", "take"):
        assert do(with_password(account), step, allowed).status_code == 404
        assert "/reauthenticate/" in do(signed_in(karim.account), step, allowed)["Location"]
        assert his.get(reverse(f"alerts:accompanied_recording_{step}", args=[allowed.pk])).status_code == 302
    assert Handover.objects.get().asked_by is None


def test_she_allows_only_what_is_over_and_only_to_her_own(marie: Victim, karim: Advocate) -> None:
    goes_on = make_recording(marie, ends=False)
    with pytest.raises(handing.NotAllowedError):
        handing.allow(goes_on, with_sound=True, now=timezone.now())

    over = make_recording(marie)
    Victim.objects.update(association=None)
    with pytest.raises(handing.NotAllowedError):
        handing.allow(over, with_sound=True, now=timezone.now())
