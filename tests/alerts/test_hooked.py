"""The one decorator of every hook: who is heard, how often, and what a failure leaves behind."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django_twilio import decorators
from django_twilio.models import Caller
from pytest_django import Settings

from alerts.domain import hearing
from alerts.models import Account, Hook
from alerts.views import hooked
from tests import hooks, twilio
from tests.people import NADIA, NOON, PASSWORD, PAUL, make_operator

pytestmark = pytest.mark.django_db
TEXT = {"MessageSid": "SM1", "SmsStatus": "received", "From": NADIA.phone_number, "Body": "1"}


@pytest.fixture(autouse=True)
def _tokens(settings: Settings) -> None:
    settings.SHERIF = replace(
        settings.SHERIF,
        public_url=hooks.PUBLIC_URL,
        twilio_auth_token=twilio.TOKEN,
        twilio_auth_token_secondary=twilio.SECOND_TOKEN,
    )


class Door:
    """A view behind the decorator that counts who came in."""

    def __init__(self, *, once: bool = True, from_people: bool = True) -> None:
        self.heard: list[str] = []
        self.mood: Exception | HttpResponse | None = None

        @hooked.by_twilio(once=once, from_people=from_people)
        def view(request: HttpRequest) -> HttpResponse:
            self.heard.append(request.POST.get("Body", ""))
            if isinstance(self.mood, Exception):
                raise self.mood
            return self.mood or HttpResponse("said")

        self.view = view

    def post(
        self,
        form: dict[str, str] = TEXT,
        *,
        path: str = "/door/",
        token: str = twilio.TOKEN,
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        signed = headers or {"X-Twilio-Signature": twilio.signature(f"{hooks.PUBLIC_URL}{path}", form, token)}
        request = RequestFactory(headers=signed).post(path, urlencode(form), content_type=hooks.FORM)
        return self.view(request)


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.mark.parametrize("token", [twilio.TOKEN, twilio.SECOND_TOKEN])
def test_either_token_opens_while_keys_change(token: str, door: Door) -> None:
    assert door.post(token=token).content == b"said"
    assert door.heard == ["1"]


def test_a_forged_hook_leaves_no_trace(*, door: Door, settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.DEBUG = True  # checks nothing less
    for headers in ({"X-Other": "x"}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "\u00e9"}):
        assert door.post(headers=headers).status_code == 403
    assert door.post(token="another").status_code == 403
    assert door.heard == []
    assert not Hook.objects.exists()
    assert "refused" in caplog.text
    assert NADIA.phone_number not in caplog.text


def test_the_address_is_the_settings_own_and_not_what_the_request_claims(door: Door) -> None:
    form = TEXT | {"MessageSid": "SM2"}
    elsewhere = twilio.signature("https://testserver/door/", form)
    assert door.post(form, headers={"X-Twilio-Signature": elsewhere, "Host": "testserver"}).status_code == 403
    query = "/door/?Body=2"
    assert door.post(form, path=query).content == b"said"
    assert door.post(form, path=query, token="another").status_code == 403


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head", "options"])
def test_only_a_post_is_heard_however_well_signed(method: str, door: Door) -> None:
    signed = {"X-Twilio-Signature": twilio.signature(f"{hooks.PUBLIC_URL}/door/", {})}
    assert door.view(RequestFactory(headers=signed).generic(method.upper(), "/door/")).status_code == 405
    assert door.heard == []


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data; boundary=x", ""])
def test_what_is_no_form_is_not_read(kind: str, door: Door) -> None:
    signed = {"X-Twilio-Signature": twilio.signature(f"{hooks.PUBLIC_URL}/door/", {})}
    request = RequestFactory(headers=signed).generic("POST", "/door/", "{}", content_type=kind)
    assert door.view(request).status_code == 415


def test_a_long_body_is_refused_before_it_is_looked_at(door: Door) -> None:
    assert door.post(TEXT | {"Body": "1" * hooked.MOST_BYTES}).status_code == 413
    assert door.heard == []


def test_the_same_call_again_changes_nothing_and_is_answered(door: Door) -> None:
    answers = [door.post() for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [b"<Response/>" in answer.content for answer in answers] == [False, True, True, True]
    assert door.heard == ["1"]


@pytest.mark.parametrize(
    "other",
    [
        {"MessageSid": "SM2"},
        {"MessageStatus": "delivered"},
        {"SequenceNumber": "2"},
        {"CallSid": "CA1", "MessageSid": ""},
        {"SmsStatus": "receiving"},
    ],
)
def test_another_sid_status_or_sequence_is_another_call(other: dict[str, str], door: Door) -> None:
    door.post()
    door.post(TEXT | other)
    assert len(door.heard) == 2


def test_keys_are_heard_every_time() -> None:
    door = Door(once=False)
    for _ in range(3):
        door.post()
    assert len(door.heard) == 3
    assert not Hook.objects.exists()


@pytest.mark.parametrize("mood", [RuntimeError("the disk is full"), HttpResponse(status=500), HttpResponse(status=422)])
def test_a_view_that_fails_is_asked_again_and_heard(mood: Any, door: Door) -> None:
    door.mood = mood
    if isinstance(mood, Exception):
        with pytest.raises(RuntimeError):
            door.post()
    else:
        assert door.post().status_code == mood.status_code
    assert not Hook.objects.exists()

    door.mood = None
    assert door.post().content == b"said"
    assert len(door.heard) == 2


def test_paul_on_the_block_list_is_answered_with_nothing(door: Door) -> None:
    Caller.objects.create(phone_number=PAUL.phone_number, blacklisted=True)
    Caller.objects.create(phone_number=NADIA.phone_number, blacklisted=False)

    silence = door.post(TEXT | {"From": PAUL.phone_number})
    assert (silence.status_code, b"<Response/>" in silence.content) == (200, True)
    assert door.heard == []
    assert door.post().content == b"said"


@pytest.mark.parametrize("sender", ["", "MonSherif", "+", "38080", "anonymous", "+266696687", "\x00", "' OR 1=1 --"])
def test_a_sender_that_is_no_number_is_on_no_list(sender: str, door: Door) -> None:
    Caller.objects.create(phone_number=PAUL.phone_number, blacklisted=True)
    assert door.post(TEXT | {"From": sender, "MessageSid": f"SM {sender!r}"}).content == b"said"


def test_while_the_block_list_cannot_be_read_nobody_comes_in(
    *, door: Door, django_db_blocker: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any) -> Any:
        raise DatabaseError("no such table")

    with connection.execute_wrapper(broken):
        assert door.post().status_code == 503
    assert door.heard == []
    assert "nobody is let in" in caplog.text


def test_a_receipt_costs_no_look_at_the_block_list() -> None:
    door = Door(from_people=False)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        door.post()
    assert not any("caller" in query["sql"] for query in queries)
    with CaptureQueriesContext(connection) as queries:
        Door().post(TEXT | {"MessageSid": "SM9"})
    assert sum("caller" in query["sql"] for query in queries) == 1


def test_what_was_heard_is_forgotten_after_two_days() -> None:
    assert hearing.is_new("twilio", "SM1", now=NOON)
    hearing.forget_old(now=NOON + hearing.KEPT)
    assert not hearing.is_new("twilio", "SM1", now=NOON)
    hearing.forget_old(now=NOON + hearing.KEPT * 2)
    assert not Hook.objects.exists()


# ---- The package that brings the block list ----


def test_operators_keep_the_block_list_in_the_admin(client: Client) -> None:
    make_operator("operator")
    assert client.get("/admin/django_twilio/caller/").status_code == 302
    assert client.login(username="operator", password=PASSWORD)

    added = client.post("/admin/django_twilio/caller/add/", {"phone_number": "+33 6 12 34 56 78", "blacklisted": "on"})
    assert added.status_code == 302, added.content.decode()
    assert Caller.objects.get().phone_number == "+33612345678"
    page = client.get("/admin/django_twilio/caller/").content.decode()
    assert "+33612345678" in page
    assert door_of("+33612345678").heard == []


def door_of(number: str) -> Door:
    door = Door()
    door.post(TEXT | {"From": number})
    return door


def test_somebody_who_is_no_operator_never_sees_the_block_list(client: Client) -> None:
    Account.objects.create_user("karim", PASSWORD)
    assert client.login(username="karim", password=PASSWORD)
    assert client.get("/admin/django_twilio/caller/").status_code == 302


def test_tokens_of_an_account_are_not_kept_in_the_admin(client: Client) -> None:
    make_operator("operator")
    assert client.login(username="operator", password=PASSWORD)
    assert client.get("/admin/django_twilio/credential/").status_code == 404


def test_the_package_wants_no_migration_of_ours() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_the_packages_own_decorator_is_no_weaker_should_anybody_use_it(settings: Settings) -> None:
    assert settings.DJANGO_TWILIO_FORGERY_PROTECTION is True
    assert (decorators.TWILIO_AUTH_TOKEN, settings.TWILIO_ACCOUNT_SID) == (settings.TWILIO_AUTH_TOKEN, "")
    settings.DEBUG = True
    unsigned = RequestFactory().post("/door/", urlencode(TEXT), content_type=hooks.FORM)
    assert decorators.twilio_view(lambda _: HttpResponse("in"))(unsigned).status_code == 403
