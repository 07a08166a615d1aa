"""The shape of the system: every door says who may open it, every state is known to the database."""

import re
from collections.abc import Iterator
from enum import StrEnum

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from tests.people import PASSWORD, RELATIVES, Person, make_karim, make_marie
from tests.responders.scenes import open_place, rescue


class Who(StrEnum):
    """Who may open a door."""

    ANYBODY = "anybody"
    PHONE = "her phone, by its bearer token"
    HER = "the victim, signed in"
    SIGNED_IN = "whoever is signed in"
    LINK = "who holds a personal link"
    PLACE = "a browser that opened the link of this place"
    INVITED = "a browser that opened an invitation, or a link of an alert of this contact"
    LOOKING = "a browser that opened the link of some alert, or whoever is signed in"
    SIGNED = "a network, by its signature"
    SECRET = "a mail service, by its secret"
    DEMONSTRATION = "anybody, in a demonstration on this machine"
    ADVOCATE = "an advocate with a second factor"
    STAFF = "operators"
    MACHINE = "this machine, or who holds the token of the figures"


MARIE = Person(name="Marie", phone_number="", email="")

# One line per door, longest prefix first; a door that no line covers fails.
DOORS: list[tuple[str, Who]] = [
    ("r/<", Who.LINK),
    ("c/<", Who.LINK),
    ("alert/<", Who.PLACE),
    ("consent/<", Who.INVITED),
    ("tiles/<", Who.LOOKING),
    ("api/v1/pair", Who.ANYBODY),
    ("api/v1/openapi.json", Who.ANYBODY),
    ("api/v1/owntracks", Who.PHONE),
    ("api/v1/osmand", Who.PHONE),
    ("api/", Who.PHONE),
    ("hooks/mail/", Who.SECRET),
    ("hooks/", Who.SIGNED),
    ("outbox/", Who.DEMONSTRATION),
    ("phone/", Who.ANYBODY),
    ("profile/", Who.HER),
    ("association/", Who.ADVOCATE),
    ("account/login/", Who.ANYBODY),
    ("account/webauthn/login/", Who.ANYBODY),
    ("account/signup/", Who.ANYBODY),
    ("account/logout/", Who.ANYBODY),
    ("account/inactive/", Who.ANYBODY),
    ("account/password/reset/", Who.ANYBODY),
    ("account/", Who.SIGNED_IN),
    ("admin/login/", Who.ANYBODY),
    ("admin/logout/", Who.ANYBODY),
    ("admin/", Who.STAFF),
    ("exit/", Who.ANYBODY),
    ("limits/", Who.ANYBODY),
    ("legal/", Who.ANYBODY),
    ("accessibility/", Who.ANYBODY),
    ("privacy/", Who.ANYBODY),
    ("healthz", Who.ANYBODY),
    ("readyz", Who.ANYBODY),
    ("metrics", Who.MACHINE),
]
ANYBODYS_PAGES = [
    "/",
    "/limits/",
    "/legal/",
    "/accessibility/",
    "/privacy/",
    "/phone/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
]


def doors(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that the service answers, with its pattern."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from doors(entry, route)
        else:
            yield re.sub(r"[\^$]|\\Z", "", route), entry


def who_may_open(route: str) -> Who | None:
    """The first line that covers this address."""
    if not route:
        return Who.ANYBODY
    return next((who for prefix, who in DOORS if route.startswith(prefix)), None)


def test_every_door_says_who_may_open_it() -> None:
    undeclared = [route for route, _ in doors() if who_may_open(route) is None]
    assert undeclared == []


def test_every_declared_door_exists() -> None:
    routes = [route for route, _ in doors()]
    idle = [prefix for prefix, _ in DOORS if not any(route.startswith(prefix) for route in routes)]
    assert idle == []


@pytest.mark.django_db
@pytest.mark.parametrize("who", [Who.HER, Who.SIGNED_IN, Who.ADVOCATE, Who.STAFF])
def test_a_stranger_meets_the_sign_in_at_every_closed_door(who: Who, client: Client) -> None:
    closed = [route for route, _ in doors() if who_may_open(route) is who and "<" not in route and "(" not in route]
    assert closed
    for route in closed:
        answer = client.get(f"/{route}")
        assert answer.status_code in {302, 404, 405}, (route, answer.status_code)
        if answer.status_code == 302:
            assert "/login/" in answer["Location"], (route, answer["Location"])


@pytest.mark.django_db
def test_an_advocate_meets_nothing_of_hers(client: Client) -> None:
    make_marie()
    make_karim()
    assert client.login(username="karim", password=PASSWORD)
    for route, _ in doors():
        if who_may_open(route) is Who.HER and "<" not in route:
            answer = client.get(f"/{route}")
            assert answer.status_code in {200, 302, 403, 404, 405}, (route, answer.status_code)
            assert not any(person.name in answer.content.decode() for person in (MARIE, *RELATIVES)), route


@pytest.mark.django_db
@pytest.mark.parametrize("path", [*ANYBODYS_PAGES, "/nothing-here/", "/r/forged-token-of-22-chars"])
def test_every_page_has_the_headers_the_quick_exit_and_no_foreign_host(path: str, client: Client) -> None:
    answer = client.get(path)
    html = answer.content.decode()

    policy = answer["Content-Security-Policy"]
    assert "unsafe-inline" not in policy
    assert "unsafe-eval" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert answer["Cache-Control"].startswith(("no-store", "max-age=0, no-cache, no-store"))
    assert "noindex" in answer["X-Robots-Tag"]
    assert 'href="/exit/"' in html
    assert not re.findall(r"(?:src|href|action)=[\"']?(?:https?:)?//[^\"'\s>]+", html)
    assert not re.search(r"<(?:script|style)(?![^>]*(?:src=|nonce=|type=\"application/json\"))[^>]*>", html)
    assert not re.search(r"\son[a-z]+=", html), "no inline handler"
    assert " style=" not in html


@pytest.mark.django_db
def test_only_the_live_page_and_her_telephone_may_hear_and_see(client: Client) -> None:
    place, nadia = open_place(rescue(), RELATIVES[0])
    for browser, path in ((nadia, place), (client, "/phone/")):
        assert "microphone=(self), camera=(self)" in browser.get(path)["Permissions-Policy"]
    for path in ("/", "/account/login/", "/privacy/", "/nothing-here/", f"{place}snapshot"):
        assert "microphone=(), camera=()" in nadia.get(path)["Permissions-Policy"], path


def test_every_state_column_has_its_constraint() -> None:
    words = {"state", "kind", "channel", "occasion", "gesture"}
    unguarded = []
    for model in [*apps.get_app_config("alerts").get_models(), *apps.get_app_config("responders").get_models()]:
        guarded = str([c.condition for c in model._meta.constraints if isinstance(c, models.CheckConstraint)])
        unguarded += [
            f"{model.__name__}.{field.name}"
            for field in model._meta.get_fields()
            if field.name in words and isinstance(field, models.Field) and f"{field.name}__in" not in guarded
        ]
    assert unguarded == []


def test_no_default_is_a_secret() -> None:
    folder = settings.BASE_DIR / "sherif_web"
    text = "".join(path.read_text() for path in (folder / "settings.py", *folder.glob("env*.py")))
    assert not re.search(r"""(?:SECRET|TOKEN|KEY|PASSWORD)\w*["']?\s*[:=]\s*["'][^"']{12,}["']""", text)
