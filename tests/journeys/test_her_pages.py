"""Marie at her own pages, in a real browser: without scripts, in the dark, in a hurry."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import Browser, Window
from tests.server import Server

pytestmark = pytest.mark.journey
WEATHER = "https://meteofrance.com/"
PAGES = (
    "/",
    "/legal/",
    "/accessibility/",
    "/privacy/",
    "/limits/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/profile/",
    "/profile/about/",
    "/profile/contacts/",
    "/profile/contacts/add/",
    "/profile/contacts/1/",
    "/profile/contacts/1/reception/",
    "/profile/messages/",
    "/profile/codes/",
    "/profile/alerts/",
    "/profile/looks/",
    "/profile/drills/",
    "/profile/kept/",
    "/profile/kept/erase/",
    "/profile/gestures/",
    "/profile/phones/",
    "/profile/phones/by-text/",
    "/profile/sheet/",
    "/profile/face/",
    "/profile/safe/",
    "/profile/recovery/",
    "/profile/sessions/",
    "/account/",
    "/account/totp/activate/",
    "/account/webauthn/add/",
    "/account/password/change/",
    "/account/logout/",
)
TELL_WHEN_BLANK = """
new MutationObserver(() => {
  if (document.body && document.body.childElementCount === 0 && document.title.trim() === "") { console.log("blank"); }
}).observe(document, {childList: true, subtree: true});
"""
Cast = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The service as one starts it."""
    with Server(data_dir=tmp_path_factory.mktemp("her")) as running:
        yield running


@pytest.fixture(scope="module")
def cast(server: Server) -> Cast:
    """Who plays in this installation."""
    return server.demo()


def enter(window: Window, server: Server, cast: Cast) -> Page:
    """Marie signs in and gives her password again."""
    page = window.page
    page.goto(f"{server.url}/account/login/")
    page.fill("[name=login]", cast["victim"]["username"])
    page.fill("[name=password]", cast["victim"]["password"])
    page.click("main button.main")
    page.goto(f"{server.url}/profile/codes/")
    page.fill("[name=password]", cast["victim"]["password"])
    page.click("main button.main")
    page.wait_for_url("**/profile/codes/")
    return page


def stop_at_the_border(route: Route) -> None:
    """Let our own server end the session, and show here where it sends: the neutral site is foreign."""
    answer = route.fetch(max_redirects=0)
    cookies = {"set-cookie": answer.headers["set-cookie"]} if "set-cookie" in answer.headers else {}
    route.fulfill(body=answer.headers["location"], content_type="text/plain", headers=cookies)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("desk", [False, True], ids=["phone", "desk"])
def test_every_page_of_hers_is_accessible_and_fits_its_screen(
    browser: Browser, server: Server, cast: Cast, *, dark: bool, desk: bool
) -> None:
    window = browser.desktop(dark=dark) if desk else browser.phone(dark=dark)
    page = enter(window, server, cast)

    for path in PAGES:
        page.goto(server.url + path)
        window.assert_accessible()
        assert page.title() == "Carnet"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_three_presses_of_shift_blank_the_page_and_leave(browser: Browser, server: Server, cast: Cast) -> None:
    window = browser.desktop()
    page = enter(window, server, cast)
    page.route("**/exit/", stop_at_the_border)

    for key in ("Shift", "a", "Shift", "Shift", "a"):
        page.keyboard.press(key)
    assert page.url.endswith("/profile/codes/")
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url("**/exit/")

    assert page.inner_text("body") == WEATHER
    page.goto(f"{server.url}/profile/")
    assert "/account/login/" in page.url


def test_the_quick_exit_blanks_the_page_before_the_network_answers(
    browser: Browser, server: Server, cast: Cast
) -> None:
    window = browser.phone()
    window.context.add_init_script(TELL_WHEN_BLANK)
    page = enter(window, server, cast)
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text))

    def answer(route: Route) -> None:
        heard.append("asked")
        stop_at_the_border(route)

    page.route("**/exit/", answer)

    page.click("a.quick-exit", no_wait_after=True)
    page.wait_for_url("**/exit/")

    assert heard[:2] == ["blank", "asked"]


def test_the_back_button_finds_nothing_after_the_exit(browser: Browser, server: Server, cast: Cast) -> None:
    page = enter(browser.phone(), server, cast)
    page.goto(f"{server.url}/profile/contacts/")
    page.route("**/exit/", stop_at_the_border)
    page.click("a.quick-exit")
    page.wait_for_url("**/exit/")

    page.go_back()

    assert "Nadia" not in page.inner_text("body")
    assert "/account/login/" in page.url


def write_her_sheet(page: Page, server: Server) -> None:
    """She looks at her sheet as her relatives would read it, then stores it."""
    page.goto(f"{server.url}/profile/sheet/")
    page.fill("[name=home]", "12, rue des Lombards, Compiègne")
    page.fill("[name=aggressor]", "Paul, 41 ans")
    page.click("main button.main")
    assert "Ce que verront : Thomas, Nadia" in page.inner_text("main")
    assert "41 ans" in page.locator(".reading").inner_text()
    page.click("text=Enregistrer cette fiche")
    expect(page.locator(".said")).to_have_text("Votre fiche est enregistrée.")


def test_without_scripts_she_makes_her_whole_notebook(browser: Browser, server: Server) -> None:
    page = browser.no_script().page
    page.goto(f"{server.url}/account/signup/")
    for name, text in (("username", "lilas"), ("first_name", "Lila")):
        page.fill(f"[name={name}]", text)
    for name in ("password1", "password2"):
        page.fill(f"[name={name}]", "une phrase longue et calme")
    page.click("main button.main")
    page.click("text=Ajouter une personne à prévenir")
    page.fill("[name=password]", "une phrase longue et calme")
    page.click("main button.main")

    for name, number in (("Nadia", "06 39 98 00 01"), ("Thomas", "06 39 98 00 02")):
        page.goto(f"{server.url}/profile/contacts/add/")
        page.fill("[name=name]", name)
        page.fill("[name=phone_number]", number)
        page.click("main button.main")
    page.click("[aria-label='Monter Thomas']")
    assert ["".join(who.split()) for who in page.locator(".who").all_inner_texts()] == ["1Thomas", "2Nadia"]

    page.click("li:has-text('Thomas') >> text=Retirer")
    assert page.locator(".who").count() == 1
    page.click("text=Annuler")
    assert page.locator(".who").count() == 2

    page.goto(f"{server.url}/profile/codes/")
    for name, code in (("code", "2580"), ("duress_code", "8642")):
        page.fill(f"[name={name}]", code)
        page.fill(f"[name={name}_again]", code)
    page.click("main button.main")
    write_her_sheet(page, server)
    page.goto(f"{server.url}/profile/phones/")
    page.click("text=Relier un téléphone")
    assert len(page.locator(".code").inner_text().replace(" ", "")) == 8
    assert page.locator("[data-copy]").is_hidden()


def test_her_message_is_counted_and_read_while_she_types(browser: Browser, server: Server, cast: Cast) -> None:
    page = enter(browser.phone(), server, cast)
    page.goto(f"{server.url}/profile/messages/")
    rescue = page.locator("[data-message]").nth(1)

    rescue.locator("textarea").fill("Venez vite à l'hôtel")
    shown = rescue.locator("[data-preview]").first.inner_text()
    counted = rescue.locator("[data-count]").first.inner_text()
    odd = rescue.locator("[data-changed]").inner_text()
    page.evaluate("speechSynthesis.speak = (said) => { window.heard = [said.lang, said.text]; }")
    rescue.locator("summary").last.click()
    rescue.locator("[data-listen]").last.click()
    language, said = page.evaluate("window.heard")
    assert language == "en"
    assert said.startswith("Marie is calling for help.")
    assert "Venez vite à l'hôtel" in said
    assert said.endswith("call 17.")
    page.click("text=Voir sans enregistrer")

    written = page.locator("[data-message]").nth(1)
    assert "Venez vite à l'hotel" in shown
    assert odd.endswith(": ô")
    assert f"{len(shown)} caractères" in counted
    assert len(written.locator("[data-preview]").first.inner_text()) == len(shown)


def test_the_pairing_code_is_copied_by_one_tap_and_counts_down(browser: Browser, server: Server, cast: Cast) -> None:
    window = browser.desktop()
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = enter(window, server, cast)
    page.goto(f"{server.url}/profile/phones/")
    page.click("main form button.main")

    page.click("[data-copy]")
    expect(page.locator("[data-said]")).to_have_text("Copié")

    assert page.evaluate("navigator.clipboard.readText()") == page.locator("[data-code]").get_attribute("data-code")
    expect(page.locator("[data-countdown]")).to_contain_text("9:5")


def test_she_tries_it_with_her_relatives_and_takes_everything_away(
    browser: Browser, server: Server, cast: Cast, tmp_path: Path
) -> None:
    window = browser.phone()
    page = enter(window, server, cast)
    page.goto(f"{server.url}/profile/drills/")
    page.click("main button.main")
    expect(page.locator("[data-report]")).to_contain_text("SMS : parti", timeout=20_000)  # read again every five
    expect(page.locator(".readiness")).to_have_count(5)
    window.assert_accessible()
    page.click("main button.main")
    expect(page.locator("[data-report]")).to_contain_text("Terminé.")
    window.assert_accessible()

    page.goto(f"{server.url}/profile/kept/")
    with page.expect_download() as taken:
        page.click("[href='/profile/kept/export/']")
    taken.value.save_as(tmp_path / "carnet.zip")

    with ZipFile(tmp_path / "carnet.zip") as archive:
        assert archive.testzip() is None
        assert [alert["drill"] for alert in json.loads(archive.read("carnet.json"))["alerts"]] == [True]
        opened = window.context.new_page()  # on no site: it stands alone
        opened.set_content(archive.read("carnet.html").decode())
    assert "Nadia" in opened.inner_text("body")
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_passkey_is_added_and_opens_the_door_under_the_strict_policy(
    browser: Browser, server: Server, cast: Cast
) -> None:
    window = browser.desktop()
    page = window.page
    tools = window.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    tools.send("WebAuthn.addVirtualAuthenticator", {"options": key | {"automaticPresenceSimulation": True}})
    enter(window, server, cast)

    page.goto(f"{server.url}/account/webauthn/add/")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/account/recovery-codes/**")
    window.assert_accessible()
    page.goto(f"{server.url}/account/webauthn/")
    assert page.locator(".who").count() == 1
    page.goto(f"{server.url}/account/logout/")
    page.click("main button.main")

    page.goto(f"{server.url}/account/login/")
    page.fill("[name=login]", cast["victim"]["username"])
    page.fill("[name=password]", cast["victim"]["password"])
    page.click("main button.main")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url("**/profile/")

    page.goto(f"{server.url}/account/logout/")
    page.click("main button.main")
    page.goto(f"{server.url}/account/login/")
    page.click("#passkey_login")
    page.wait_for_url("**/profile/")


def test_nadia_is_asked_changes_her_mind_and_marie_reads_both(browser: Browser, server: Server, cast: Cast) -> None:
    marie = enter(browser.phone(), server, cast)
    marie.goto(f"{server.url}/profile/contacts/1/")
    marie.get_by_role("button", name="Envoyer l'invitation").click()
    outbox = browser.desktop().page
    outbox.goto(f"{server.url}/outbox/")
    link = outbox.locator("a[href*='/c/']").first
    expect(link).to_be_visible(timeout=20_000)
    address = link.get_attribute("href") or ""

    window = browser.phone(dark=True)
    nadia = window.page
    nadia.goto(address)
    window.assert_accessible()
    nadia.get_by_role("button", name="Lire la question").click()
    window.assert_accessible()
    assert nadia.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with nadia.expect_download() as card:
        nadia.get_by_role("link", name="Enregistrer la fiche").click()
    assert card.value.suggested_filename == "contact.vcf"
    nadia.get_by_role("link", name="Ne plus recevoir d'alertes").click()
    nadia.get_by_role("button", name="Ne plus recevoir d'alertes").click()
    marie.goto(f"{server.url}/profile/contacts/")
    expect(marie.get_by_text("Ne veut plus recevoir d'alertes")).to_be_visible()

    window.assert_accessible()
    nadia.get_by_role("button", name="Finalement, je dis oui").click()
    marie.reload()
    expect(marie.get_by_text("Ne veut plus recevoir d'alertes")).to_be_hidden()
