"""Her pages on the neutral host, links of alerts on the public one: who knows one learns nothing of the other."""

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from sherif_web.adapters import SecondFactorAdapter
from tests.desks import with_password
from tests.people import NADIA, make_marie
from tests.responders.scenes import rescue, token_of

pytestmark = pytest.mark.django_db
PUBLIC, HERS = "sos.example", "carnet.example"


@pytest.fixture
def _two(settings: Settings) -> None:
    settings.SHERIF = replace(settings.SHERIF, public_url=f"https://{PUBLIC}", her_url=f"https://{HERS}")
    settings.HER_HOST = HERS
    settings.ALLOWED_HOSTS = [PUBLIC, HERS, "testserver"]


def status(host: str, path: str) -> int:
    return Client(headers={"host": host}).get(path).status_code


@pytest.mark.usefixtures("_two")
def test_her_pages_live_on_her_host_alone() -> None:
    for path in ("/account/login/", "/account/signup/", "/phone/", "/account/password/reset/"):
        assert (status(HERS, path), status(PUBLIC, path)) == (200, 404), path
    for path in ("/profile/", "/association/"):
        assert (status(HERS, path), status(PUBLIC, path)) == (302, 404), path


@pytest.mark.usefixtures("_two")
def test_links_of_alerts_live_on_the_public_host_alone() -> None:
    path = f"/r/{token_of(rescue(), NADIA)}"

    assert (status(PUBLIC, path), status(HERS, path)) == (200, 404)


@pytest.mark.usefixtures("_two")
def test_a_page_of_the_other_host_reads_as_one_that_does_not_exist() -> None:
    client = Client(headers={"host": PUBLIC})

    assert client.get("/account/login/").content == client.get("/nothing/here/").content


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize("path", ["/", "/exit/", "/legal/", "/privacy/", "/limits/", "/api/v1/openapi.json"])
def test_what_belongs_to_both_lives_on_both(path: str) -> None:
    assert status(PUBLIC, path) == status(HERS, path) < 400


@pytest.mark.parametrize("path", ["/account/login/", "/phone/", "/legal/"])
def test_where_there_is_one_host_everything_lives_there(path: str) -> None:
    assert Client().get(path).status_code == 200


@pytest.mark.usefixtures("_two")
def test_a_passkey_is_made_for_her_host_whatever_the_request_says() -> None:
    desk = with_password_on(HERS)

    page = desk.get(reverse("mfa_add_webauthn")).context["js_data"]["creation_options"]

    assert page["publicKey"]["rp"] == {"id": HERS, "name": "Carnet"}


def with_password_on(host: str) -> Client:
    """Marie at her host, the password given again."""
    client = with_password(make_marie().account)
    client.defaults["HTTP_HOST"] = host
    return client


def test_secrets_of_codes_are_encrypted_and_old_ones_stay_readable() -> None:
    adapter = SecondFactorAdapter()

    stored = adapter.encrypt("JBSWY3DPEHPK3PXP")

    assert "JBSW" not in stored
    assert adapter.decrypt(stored) == adapter.decrypt("JBSWY3DPEHPK3PXP") == "JBSWY3DPEHPK3PXP"
