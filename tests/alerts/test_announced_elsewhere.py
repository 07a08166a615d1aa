"""What changes something of hers without one of her pages, or behind her code there: announced, or deliberately not."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import accompanying, changes, consenting, cutting, enrolment, entering
from alerts.domain.cutting import Cut
from alerts.models import Change, ChangeKind, Contact, Link, Phone, Victim
from alerts.states import ContactState
from sherif_web.adapters import AccountAdapter
from tests.desks import with_password
from tests.people import DURESS_PIN, PASSWORD, PIN, make_karim, make_phone
from tests.postman import Post
from tests.responders.intruder import click

pytestmark = pytest.mark.django_db
SISTER = "soeur@example.org"
NEW = "une autre phrase bien longue"


@pytest.fixture
def careful(marie: Victim) -> Victim:
    """Marie, whose sister is told."""
    Victim.objects.filter(pk=marie.pk).update(safe_email=SISTER)
    marie.refresh_from_db()
    return marie


def announced() -> list[tuple[str, str]]:
    """What was written down, and the address that hears of it."""
    return list(Change.objects.order_by("pk").values_list("kind", "email"))


# ---- Other doors ----


def pairs_a_telephone(victim: Victim) -> None:
    now = timezone.now()
    enrolment.pair(enrolment.draw_pairing_code(victim, now=now), peer="192.0.2.1", now=now)


def revokes_by_the_telephone_itself(victim: Victim) -> None:
    make_phone(victim, token="t", osmand_id="o")
    answer = Client(headers={"authorization": "Bearer t"}).delete("/api/v1/phone")
    assert answer.status_code == 204, answer.content


def comes_back_by_paper(victim: Victim) -> None:
    now = timezone.now()
    drawn = entering.recovery_of(entering.draw_paper(victim, now=now), now=now)
    entering.recover(drawn, NEW, now=now)


def is_helped_by_an_advocate(victim: Victim) -> None:
    karim = make_karim()
    victim.association = karim.association
    victim.save(update_fields=["association"])
    entering.draw_with_advocate(karim, victim, now=timezone.now())


def signs_in(_: Victim) -> None:
    browser = Client()
    browser.post(reverse("account_login"), {"login": "marie", "password": PASSWORD})
    browser.get(reverse("alerts:profile"))


def adds_a_passkey(victim: Victim) -> None:
    AccountAdapter().send_notification_mail("mfa/email/webauthn_added", victim.account)


def leaves_an_association(victim: Victim) -> None:
    accompanying.leave(victim, now=timezone.now())


DOORS: list[tuple[Callable[[Victim], None], list[ChangeKind]]] = [
    (pairs_a_telephone, [ChangeKind.PHONES]),
    (revokes_by_the_telephone_itself, [ChangeKind.PHONES]),
    (comes_back_by_paper, [ChangeKind.RECOVERY, ChangeKind.RECOVERED]),
    (is_helped_by_an_advocate, [ChangeKind.RECOVERY]),
    (signs_in, [ChangeKind.SIGNED_IN]),
    (adds_a_passkey, [ChangeKind.SECOND_FACTOR]),
    (leaves_an_association, [ChangeKind.ASSOCIATION]),
]


@pytest.mark.parametrize(("deed", "kinds"), DOORS, ids=[deed.__name__ for deed, _ in DOORS])
def test_what_comes_by_another_door_is_announced_too(
    careful: Victim, deed: Callable[[Victim], None], kinds: list[ChangeKind]
) -> None:
    deed(careful)

    assert announced() == [(kind, SISTER) for kind in kinds]


# ---- Deliberately nothing ----


@pytest.mark.parametrize("pin", [PIN, DURESS_PIN])
def test_a_cut_off_during_an_alert_is_announced_to_nobody_beside_it(careful: Victim, pin: str) -> None:
    """It ends with the alert and her list stays; the others read it. A line would tell Paul which code it was."""
    phone = make_phone(careful)
    alert = click(phone)
    nadia = careful.contacts.get(rank=1)

    cutting.cut_off(phone, Cut(alert_id=alert.pk, contact_id=nadia.pk, pin=pin), now=timezone.now())

    assert (Link.objects.get(alert=alert, contact=nadia).cut_off_at is not None) == (pin == PIN)
    assert announced() == []


def test_what_a_relative_answers_is_no_change_of_hers(careful: Victim) -> None:
    """She reads it in her list; a message of each would make the others unread."""
    nadia = careful.contacts.get(rank=1)
    consenting.leave(consenting.of(nadia), now=timezone.now())

    assert announced() == []


# ---- A decoy ----


def silences(victim: Victim, contact: Contact, code: str) -> None:
    """The page behind her code, and its button."""
    desk = with_password(victim.account)
    Change.objects.all().delete()
    here = reverse("alerts:contact_reception", args=[contact.pk])
    shown = re.search(r'name="shown" value="([^"]+)"', desk.post(here, {"code": code}).content.decode())
    assert shown is not None
    desk.post(here, {"shown": shown[1]})


def test_a_decoy_is_announced_as_any_setting_and_a_pretended_one_alike(careful: Victim) -> None:
    """Marie in secret, or Paul who forces her code: he must not tell the two apart, and she must hear of both."""
    nadia, thomas = careful.contacts.filter(rank__lte=2).order_by("rank")
    heard, read = [], []
    for contact, code in ((nadia, PIN), (thomas, DURESS_PIN)):
        silences(careful, contact, code)
        heard.append(announced())
        read.append([changes.words(change) for change in changes.lately(careful)])

    nadia.refresh_from_db()
    thomas.refresh_from_db()
    assert (nadia.state, thomas.state) == (ContactState.DECOY, ContactState.ACCEPTED)
    assert heard[0] == heard[1] == [(ChangeKind.SETTINGS, SISTER)]
    assert read[0] == read[1] == ["Réglages changés"], "beside a list that looks the same, its name would tell"


def test_whoever_reads_her_mail_learns_of_no_decoy(careful: Victim) -> None:
    post = Post()
    silences(careful, careful.contacts.get(rank=1), PIN)

    changes.announce(post.ways, now=timezone.now())

    [message] = post.taken
    assert "réglages changés" in message.text
    assert "Nadia" not in message.text + message.subject
    assert "liste" not in message.text


# ---- The last news ----


@pytest.fixture
def gone(careful: Victim) -> Victim:
    """Everything of Marie is erased; she is a name in this test alone."""
    with_password(careful.account).post(reverse("alerts:erase"), {"word": "effacer", "code": PIN})
    assert not Victim.objects.exists()
    return careful


def test_an_erasure_is_told_once_and_then_nothing_of_her_remains(gone: Victim) -> None:
    post, now = Post(), timezone.now()
    [row] = Change.objects.all()
    assert (row.kind, row.victim, row.email) == (ChangeKind.ERASED, None, SISTER)

    assert changes.announce(post.ways, now=now) == 1
    assert changes.announce(post.ways, now=now + timedelta(hours=1)) == 0

    [message] = post.taken
    assert message.to == SISTER
    assert "informations effacées" in message.text
    assert not Change.objects.exists()


def test_an_erasure_without_a_safe_address_leaves_no_row(marie: Victim) -> None:
    with_password(marie.account).post(reverse("alerts:erase"), {"word": "effacer", "code": PIN})

    assert not Victim.objects.exists()
    assert not Change.objects.exists()


def test_an_erasure_that_cannot_be_told_is_given_up_and_goes_too(gone: Victim) -> None:
    post, now = Post.failing(100), timezone.now()

    for minute in range(0, 60, 5):
        changes.announce(post.ways, now=now + timedelta(minutes=minute))

    assert post.tries == 6
    assert not Change.objects.exists()


def test_a_worker_killed_between_claim_and_telling_loses_no_erasure(gone: Victim) -> None:
    """The claim is the next attempt: whoever claims it then tells."""
    post, now = Post(), timezone.now()
    with pytest.raises(KeyError):
        changes.announce({}, now=now)  # it died on the way out

    assert Change.objects.exists()
    assert changes.announce(post.ways, now=now + timedelta(minutes=5)) == 1
    assert not Change.objects.exists()


def test_a_phone_of_hers_is_not_in_the_last_news(gone: Victim) -> None:
    assert not Phone.objects.exists()
    assert Change.objects.values_list("detail", "number").get() == ("", "")
