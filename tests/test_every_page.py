"""Every page of the site, as she, a contact and a stranger meet it: the way out, and a name that says nothing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, changes, consenting, her_drills
from alerts.domain.disguises import NAMES, Disguise, Face
from alerts.domain.messages import replies, review
from alerts.models import Alert, Change, ChangeKind, Victim
from alerts.states import AlertState, Gesture
from alerts.views import companion
from sherif_web import errors
from tests.desks import signed_in, with_password
from tests.people import NADIA, PIN, RELATIVES, make_karim
from tests.postbox import provider
from tests.responders.scenes import open_place, rescue, token_of
from tests.test_shape import doors

pytestmark = pytest.mark.django_db
NEVER = ("admin/", "api/", "hooks/", "outbox/", "exit/", "tiles/")  # of operators, of machines, or no page
SERVICE = re.compile(r"sh[eé]rif", re.IGNORECASE)
VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Ways(HTMLParser):
    """What a page offers to somebody whose scripts are off: ways out that are seen, and the note about the history."""

    out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _open: list[tuple[str, bool]] = field(default_factory=list)
    _noted: int = -1

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the way out, unless it or something around it is hidden."""
        said = dict(attrs)
        hidden = "hidden" in said or tag in {"noscript", "template"} or any(hidden for _, hidden in self._open)
        if not hidden and tag == "a" and "quick-exit" in (said.get("class") or "").split():
            self.out.append(said.get("href") or "")
        if tag not in VOID:
            self._open.append((tag, hidden))
            if said.get("id") == "exit-note" and not hidden:
                self._noted = len(self._open)
                self.notes.append("")

    def handle_endtag(self, tag: str) -> None:
        """Close it, with what was left open inside."""
        while self._open and self._open.pop()[0] != tag:
            continue
        if len(self._open) < self._noted:
            self._noted = -1

    def handle_data(self, data: str) -> None:
        """The words of the note."""
        if self._noted > 0:
            self.notes[-1] += data


@dataclass
class Scene:
    """Marie with all that a page may be about, and the addresses of it."""

    victim: Victim
    alert: Alert
    drill: Alert

    def address(self, route: str) -> str | None:
        """The address behind a route of hers, or None where the place of a contact is meant."""
        for prefix, value in (
            ("profile/contacts/", self.victim.contacts.all()[0].pk),
            ("profile/phones/", self.victim.phones.all()[0].pk),
            ("profile/drills/", self.drill.pk),
            ("profile/alerts/", self.alert.pk),
        ):
            if route.startswith(prefix):
                route = re.sub(r"<[^>]*pk>", str(value), route)
        route = route.replace("<str:ending>", "pdf")
        return None if "<" in route else f"/{route}"


@pytest.fixture
def scene() -> Scene:
    """An alert that is over, a drill that goes on, an application of codes."""
    alert = rescue()
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    Alert.objects.update(expires_at=timezone.now())
    drill = her_drills.start(alert.victim, gesture=Gesture.DOUBLE, now=timezone.now())
    TOTP.activate(alert.victim.account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    return Scene(victim=alert.victim, alert=alert, drill=drill)


def shown(client: Client, addresses: list[str]) -> Iterator[tuple[str, str]]:
    """Whatever of these is a page in this browser, with its address."""
    for address in addresses:
        cache.clear()
        answer = client.get(address)
        if answer.get("Content-Type", "").startswith("text/html") and answer.status_code not in {301, 302, 303}:
            yield address, answer.content.decode()


def her_addresses(scene: Scene) -> list[str]:
    """Everything that somebody signed in may ask for."""
    routes = [route for route, _ in doors() if not route.startswith(NEVER)]
    return [address for route in routes if (address := scene.address(route))]


def faults(pages: Iterator[tuple[str, str]]) -> dict[str, Any]:
    """Pages without a visible way out or without the word about the history; the number of pages beside them."""
    wrong, count = [], 0
    for address, page in pages:
        if "<html" not in page:  # a part of a page, fetched into one that has the way out
            continue
        count += 1
        ways = Ways()
        ways.feed(page)
        if "/exit/" not in ways.out or not any(re.search("historique|history", note) for note in ways.notes):
            wrong.append((address, ways.out, ways.notes))
    return {"wrong": wrong, "enough": count}


def test_she_finds_the_way_out_on_every_page(scene: Scene) -> None:
    found = faults(shown(with_password(scene.victim.account), her_addresses(scene)))

    assert found["wrong"] == []
    assert found["enough"] > 45


def test_she_finds_it_beside_her_keys(scene: Scene) -> None:
    key = Authenticator.objects.create(user=scene.victim.account, type="webauthn", data={"name": "Clé 1"})
    names = [("mfa_list_webauthn", ()), ("mfa_edit_webauthn", (key.pk,)), ("mfa_remove_webauthn", (key.pk,))]
    pages = list(shown(with_password(scene.victim.account), [reverse(name, args=args) for name, args in names]))

    assert all("Clé 1" in page for _, page in pages)
    assert faults(iter(pages)) == {"wrong": [], "enough": len(names)}


def test_she_finds_it_after_a_form_and_where_the_password_is_asked_again(scene: Scene) -> None:
    desk, late = with_password(scene.victim.account), signed_in(scene.victim.account)
    sheet = {"home": "12, rue des Lombards"}
    sent = [
        (reverse("alerts:codes"), {"code": "1"}),
        (reverse("alerts:contact_add"), {"name": ""}),
        (reverse("alerts:phone_pair"), {}),
        (reverse("alerts:recovery"), {}),
        (reverse("responders:her_sheet"), sheet),
        (reverse("alerts:messages"), {"preview": "1"}),
        (reverse("account_change_password"), {}),
        (reverse("alerts:erase"), {"word": "non"}),
        (reverse("alerts:recordings"), {"code": "1"}),
        (reverse("alerts:erase"), {"word": "EFFACER", "code": "1"}),
        (reverse("alerts:erase"), {"word": "EFFACER", "code": PIN}),
    ]
    pages = [("asked again", late.get(reverse("alerts:codes"), follow=True).content.decode())]
    pages += [(address, desk.post(address, form).content.decode()) for address, form in sent]

    assert "Tout est effacé" in pages[-1][1]
    assert "Votre mot de passe" in pages[0][1]
    assert faults(iter(pages)) == {"wrong": [], "enough": len(pages)}


@pytest.mark.parametrize("drill", [False, True])
def test_a_contact_finds_it_on_every_page(*, drill: bool) -> None:
    alert = rescue(drill=drill)
    token = token_of(alert, NADIA)
    place, nadia = open_place(alert, NADIA)
    contact = alert.victim.contacts.get(rank=1)
    consent = consenting.of(contact)
    before = [f"/r/{token}", place, f"{place}consent", f"/consent/{consent.place}/", f"/consent/{consent.place}/?leave"]
    pages = list(shown(nadia, before))
    refused = nadia.post(f"{place}act", {"action": "nothing"})
    pages.append(("refused", refused.content.decode()))
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    pages += list(shown(nadia, [place, f"/r/{token}"]))

    assert len(pages) >= 7
    assert faults(iter(pages))["wrong"] == []
    live = dict(pages[:2])[place]
    more = live[live.index('id="more"') :]
    assert "historique du navigateur reste" in more[: more.index("</section>")]


def test_her_advocate_finds_it_on_every_page(scene: Scene) -> None:
    karim = make_karim()
    TOTP.activate(karim.account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    Victim.objects.update(association=karim.association, advocate_drills=True)
    desk, hers = with_password(karim.account), scene.victim.pk
    pages = list(
        shown(
            desk,
            [
                "/association/",
                "/association/recordings/",
                f"/association/help/{hers}/",
                f"/association/drills/{hers}/",
                "/profile/",
            ],
        )
    )
    sent = (reverse("alerts:invite"), reverse("alerts:help_in", args=[hers]))
    pages += [(address, desk.post(address).content.decode()) for address in sent]

    assert faults(iter(pages)) == {"wrong": [], "enough": 7}


def test_a_stranger_finds_it_on_every_page_and_every_error(scene: Scene) -> None:
    strict = Client(enforce_csrf_checks=True)
    request = RequestFactory().get("/profile/")
    pages = list(shown(Client(), [*her_addresses(scene), "/nothing-here/", "/r/forged-token-of-22-chars", "/c/forged"]))
    pages += [
        ("csrf", strict.post(reverse("account_login")).content.decode()),
        ("wrong", Client().post(reverse("account_login"), {"login": "marie", "password": "x"}).content.decode()),
        *((str(view), view(request).content.decode()) for view in (errors.bad_request, errors.server_error)),
    ]
    cache.clear()
    answers = [Client().post(reverse("account_login"), {"login": "marie", "password": "x"}) for _ in range(40)]
    assert answers[-1].status_code == 429
    pages.append(("often", answers[-1].content.decode()))

    found = faults(iter(pages))
    assert found["wrong"] == []
    assert found["enough"] > 12


@pytest.mark.parametrize("disguise", list(Disguise))
def test_nothing_on_her_screen_names_the_service(scene: Scene, disguise: Disguise) -> None:
    Victim.objects.update(disguise=disguise)
    name, desk = str(NAMES[disguise]), with_password(scene.victim.account)
    desk.cookies["face"] = Face(disguise=disguise).written()

    invented = "/"  # where nobody is real the way in says what this is; `tests/alerts/test_public.py` reads the others
    for address, page in shown(desk, [one for one in her_addresses(scene) if one != invented]):
        assert not SERVICE.search(page), address
        if "<html" in page:
            assert re.findall(r"<title>(.*?)</title>", page) == [name], address
            assert f"icons/{disguise}.svg" in page, address
            assert f'<a class="name" href="/">{name}</a>' in page, address
    assert not SERVICE.search(str(desk.cookies))
    manifest = desk.get(reverse("alerts:phone_manifest"), {"as": Face(disguise=disguise).written()})
    assert (manifest.json()["name"], manifest.json()["short_name"]) == (name, name)
    assert not SERVICE.search(manifest.content.decode())
    assert not SERVICE.search(desk.get(reverse("alerts:phone_worker")).content.decode())


def test_no_script_or_icon_of_her_telephone_names_the_service() -> None:
    entries = (companion.ENTRY, companion.WORKER, "js/pages/messages.js", "js/parts/exit.js", "js/pages/drill.js")
    files = {*(name for entry in entries for name in companion.modules(entry)), *companion.KEPT_BESIDE}
    icons = {f"icons/{one}{end}" for one in Disguise for end in (".svg", "-180.png", "-192.png", "-512.png")}

    for name in (*files, *icons, "css/tokens.css", "css/base.css", "css/profile.css", "css/phone.css"):
        path = finders.find(name)
        assert path, name
        with open(path, "rb") as file:
            assert not SERVICE.search(file.read().decode("utf-8", "ignore")), name


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("disguise", list(Disguise))
def test_no_mail_or_text_to_her_names_the_service(scene: Scene, disguise: Disguise, language: str) -> None:
    safe = {"safe_email": "soeur@example.org", "safe_number": "+33639980088"}
    Victim.objects.update(disguise=disguise, language=language, **safe)
    scene.victim.refresh_from_db()
    Change.objects.all().delete()
    mailbox = provider("127.0.0.1:9")
    written = [replies.clicked(language, or_answered=False), replies.tried(language)]
    question = review.Question(name=str(NAMES[disguise]), language=language)
    written += [question.text(), question.letter()]
    for kind in ChangeKind:
        changes.record(scene.victim, kind, now=timezone.now(), detail="Firefox, Android")
    for change in Change.objects.all():
        for message in changes._messages(change):
            written += [message.text, message.subject]
            if message.subject:
                mail = mailbox._written(message, mailbox._sender(), mailbox._sender())
                assert mail["From"].addresses[0].display_name == message.subject == change.name
                written.append(mail["From"].addresses[0].display_name)

    assert len(written) > 2 * len(ChangeKind)
    assert not any(SERVICE.search(text) for text in written)
    assert not any(person.name in text for text in written for person in RELATIVES)
