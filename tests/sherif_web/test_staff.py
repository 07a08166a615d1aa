"""The admin opens to staff with a second factor, and to nobody else."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from alerts.models import Account
from tests.people import PASSWORD, make_marie, make_operator

pytestmark = pytest.mark.django_db


def signed_in(username: str) -> Client:
    """A browser in which the password was enough."""
    client = Client()
    assert client.login(username=username, password=PASSWORD)
    return client


def test_a_stranger_is_sent_to_the_door_that_everybody_takes() -> None:
    client = Client()
    assert client.get("/admin/")["Location"].startswith("/admin/login/")
    assert client.get("/admin/login/")["Location"] == f"{reverse('account_login')}?next=/admin/"
    cache.clear()
    assert client.post("/admin/login/", {"username": "olga", "password": PASSWORD}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_an_operator_with_a_password_alone_is_asked_for_a_second_factor_first() -> None:
    Account.objects.create_superuser("olga", PASSWORD)
    client = signed_in("olga")
    page = client.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0] == reverse("mfa_index")
    assert "L&#x27;administration demande une deuxième vérification" in page.content.decode()
    assert client.get("/admin/alerts/tariff/").status_code == 302


def test_an_operator_with_a_second_factor_gets_in() -> None:
    make_operator()
    client = signed_in("olga")
    assert client.get("/admin/").status_code == 200
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_her_own_second_factor_opens_no_admin() -> None:
    marie = make_marie()
    marie.account.is_staff = False
    marie.account.save()
    client = signed_in("marie")
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/login/")["Location"].startswith(reverse("account_login"))


def test_the_password_of_an_operator_alone_signs_nobody_in() -> None:
    make_operator()
    client = Client()
    answer = client.post(reverse("account_login"), {"login": "olga", "password": PASSWORD})
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/admin/").status_code == 302
