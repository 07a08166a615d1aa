"""Somebody at a web browser, without the browser: signed in, or with the password just given again."""

from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from alerts.models import Account
from tests.people import PASSWORD


def signed_in(account: Account) -> Client:
    """A session as Paul may find it on a table: open, the password given hours ago."""
    cache.clear()  # the limits of allauth count by account number, which every test uses again
    client = Client()
    client.force_login(account)
    return client


def with_password(account: Account) -> Client:
    """A session in which the password was given again a moment ago."""
    client = signed_in(account)
    answer = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "/profile/"})
    assert answer.status_code == 302
    return client
