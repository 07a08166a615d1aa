"""Her telephones in her profile."""

import re
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from alerts.domain import alerting, enrolment
from alerts.models import PairingCode, Phone, Victim
from alerts.states import Gesture
from tests.desks import signed_in, with_password
from tests.people import make_marie, make_phone
from tests.phones import Companion, OwnTracks, TraccarClient
from tests.texting import OUR_NUMBER

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(marie: Victim) -> Client:
    return with_password(marie.account)


def code_on(page: str) -> str:
    found = re.search(r'data-code="([A-Z0-9]{8})"', page)
    assert found is not None
    return found[1]


def test_the_code_on_the_page_pairs_one_telephone_once(marie: Victim, desk: Client) -> None:
    code = code_on(desk.post(reverse("alerts:phone_pair")).content.decode())

    paired = enrolment.pair(code, peer="192.0.2.1", now=timezone.now())

    assert paired.phone.victim == marie
    with pytest.raises(enrolment.UnknownCodeError):
        enrolment.pair(code, peer="192.0.2.1", now=timezone.now())


def test_paul_at_an_open_session_draws_no_code(marie: Victim, phone: Phone) -> None:
    session = signed_in(marie.account)

    answers = [
        session.post(reverse("alerts:phone_pair")),
        session.post(reverse("alerts:phone_revoke", args=[phone.pk])),
        session.post(reverse("alerts:phone_change", args=[phone.pk]), {"label": "x"}),
    ]

    assert all(answer["Location"].startswith(reverse("account_reauthenticate")) for answer in answers)
    assert not PairingCode.objects.exists()
    assert Phone.objects.active().count() == 1


def test_a_visit_of_the_pairing_address_draws_nothing(desk: Client) -> None:
    assert desk.get(reverse("alerts:phone_pair")).status_code == 302
    assert not PairingCode.objects.exists()


def test_a_telephone_is_shown_with_when_it_was_seen_and_its_battery(marie: Victim, phone: Phone) -> None:
    Phone.objects.update(seen_at=timezone.now(), battery=41)

    page = signed_in(marie.account).get(reverse("alerts:phones")).content.decode()

    assert "Pixel" in page
    assert "41 %" in page
    assert phone.osmand_id not in page


def test_a_telephone_cut_off_leaves_the_list_and_opens_nothing(marie: Victim, phone: Phone, desk: Client) -> None:
    desk.post(reverse("alerts:phone_revoke", args=[phone.pk]))

    assert not Phone.objects.active().exists()
    assert "Pixel" not in desk.get(reverse("alerts:phones")).content.decode()


def test_during_an_alert_no_telephone_is_cut_off(marie: Victim, phone: Phone, desk: Client) -> None:
    now = timezone.now()
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.SINGLE, clicked_at=now, sent_at=now)
    alerting.receive_click(phone, report, now=now)

    desk.post(reverse("alerts:phone_revoke", args=[phone.pk]))

    assert Phone.objects.active().count() == 1


def test_a_telephone_has_the_name_that_she_gives_it(phone: Phone, desk: Client) -> None:
    desk.post(reverse("alerts:phone_change", args=[phone.pk]), {"label": "Celui du travail"})

    phone.refresh_from_db()
    assert phone.label == "Celui du travail"


def test_the_page_of_clicks_by_text_gives_the_number_the_words_and_a_trial(
    marie: Victim, phone: Phone, settings: Settings
) -> None:
    settings.SHERIF = replace(settings.SHERIF, inbound_number=OUR_NUMBER)

    page = signed_in(marie.account).get(reverse("alerts:phone_by_text")).content.decode()

    assert "06 44 60 00 00" in page
    assert f'href="sms:{OUR_NUMBER}"' in page
    assert "Écrivez le mot essai" in page
    assert "finit par 00" in page
    assert marie.phone_number not in page


def test_the_page_of_clicks_by_text_says_what_is_missing_before_a_text_would_be_heard(
    marie: Victim, settings: Settings
) -> None:
    settings.SHERIF = replace(settings.SHERIF, inbound_number=OUR_NUMBER)
    Victim.objects.update(phone_number="", phone_digest="")

    page = signed_in(marie.account).get(reverse("alerts:phone_by_text")).content.decode()

    for name in ("alerts:about", "alerts:phones"):
        assert f'<li><a href="{reverse(name)}">' in page
    assert "06 44 60 00 00" not in page


def test_where_no_number_receives_texts_the_page_says_so(marie: Victim, phone: Phone) -> None:
    page = signed_in(marie.account).get(reverse("alerts:phone_by_text")).content.decode()

    assert "pas encore de numéro" in page
    assert "Écrivez le mot essai" not in page


def test_one_of_her_telephones_cut_off_leaves_the_others_working(marie: Victim, phone: Phone, desk: Client) -> None:
    other = make_phone(marie, "another token", "another osmand")

    desk.post(reverse("alerts:phone_revoke", args=[phone.pk]))

    lost, kept = Companion(), Companion(token="another token")
    assert (lost.click().status, TraccarClient().report(at=timezone.now()).status) == (401, 400)
    assert OwnTracks().report(at=timezone.now()).status == 401
    assert kept.click().status == 201
    assert TraccarClient(osmand_id=other.osmand_id).report(at=timezone.now()).status == 200


@pytest.mark.parametrize("page", ["alerts:phone_change", "alerts:phone_revoke"])
def test_the_telephone_of_another_victim_is_not_there(phone: Phone, page: str) -> None:
    leila = with_password(make_marie("leila", relatives=()).account)

    foreign = leila.post(reverse(page, args=[phone.pk]), {"label": "x"})
    absent = leila.post(reverse(page, args=[987654]), {"label": "x"})

    assert foreign.status_code == absent.status_code == 404
    assert foreign.content == absent.content
    assert Phone.objects.active().count() == 1
