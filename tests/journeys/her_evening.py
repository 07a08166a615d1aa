"""Her first evening, step by step: each begins where the one before left her."""

import json
from pathlib import Path
from zipfile import ZipFile

from playwright.sync_api import Page, expect

from tests.browser import Window
from tests.journeys.hand import Hand
from tests.journeys.her_steps import link_to
from tests.people import NADIA, PASSWORD
from tests.server import Server


def fits(page: Page) -> bool:
    """Whether nothing stands out of the screen to the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def open_her_notebook(hand: Hand, *, address: str, code: str) -> None:
    """From the advocate's words to an account: what the system does not do comes before it."""
    hand.open(address)
    hand.go("À lire avant")
    assert "Il ne prévient pas la police" in hand.page.inner_text("main")
    hand.read_whole()
    hand.go("J'ai lu")
    for name, text in (("username", "lilas"), ("first_name", "Lila"), ("password1", PASSWORD), ("password2", PASSWORD)):
        hand.type(name, text)
    hand.type("invitation", code)
    hand.go("Créer")
    expect(hand.page.locator(".said")).to_contain_text("Votre pseudonyme est lilas-")


def hide_it(hand: Hand) -> None:
    """Her face and her two codes."""
    hand.go(hand.page.locator(".next a"))
    hand.tap(hand.page.get_by_label("Courses"))
    hand.go("Enregistrer")
    assert hand.page.title() == "Courses"
    hand.go(hand.page.locator(".next a"))
    for name, code in (("code", "2580"), ("duress_code", "8642")):
        hand.type(name, code)
        hand.type(f"{name}_again", code)
    hand.go("Enregistrer")


def ask_two_people(hand: Hand) -> None:
    """Two contacts, each invited by the form that adds her or him; one reads English."""
    hand.go(hand.page.locator(".next a"))
    hand.type("name", "Nadia")
    hand.type("phone_number", "06 39 98 00 01")
    hand.go("Enregistrer")
    expect(hand.page.locator(".said")).to_have_text("C'est enregistré. L'invitation part par SMS.")
    hand.go("Ajouter une personne")
    hand.type("name", "Yann")
    hand.type("phone_number", "06 39 98 00 05")
    hand.choose("language", "en")
    hand.go("Enregistrer")


def say_yes(window: Window, link: str) -> None:
    """Nadia reads the question, keeps the card, and answers."""
    page = window.page
    page.goto(link)
    window.assert_accessible()
    with page.expect_event("load"):
        page.get_by_role("button", name="Lire la question").click()
    window.assert_accessible()
    assert fits(page)
    with page.expect_download() as card:
        page.get_by_role("link", name="Enregistrer la fiche").click()
    assert card.value.suggested_filename == "contact.vcf"
    with page.expect_event("load"):
        page.get_by_role("button", name="Oui, j'accepte").click()
    window.assert_accessible()


def write_to_them(hand: Hand) -> None:
    """Her sheet, seen as each contact will read it before it is kept; then her words, counted, read and heard."""
    page = hand.page
    hand.go("Écrire votre fiche")
    hand.type("home", "12, rue des Lombards, Compiègne")
    hand.type("aggressor", "Paul, 41 ans")
    hand.go("Voir ce qui sera lu")
    assert page.locator(".reading h2").all_inner_texts() == ["Lu par Nadia", "Lu par Yann"]
    assert all("41 ans" in read for read in page.locator(".reading").all_inner_texts())
    hand.read_whole()
    hand.go("Enregistrer cette fiche")
    expect(page.locator(".said")).to_have_text("Votre fiche est enregistrée.")
    hand.go(page.locator(".next a"))
    hand.type("text_prevention", "Je rentre seule, gardez votre téléphone.")
    hear_the_call(hand)
    hand.go("Enregistrer")


def hear_the_call(hand: Hand) -> None:
    """The text that she types becomes the SMS and the call of each language; the browser says the call."""
    rescue = hand.page.locator("[data-message]").nth(1)
    rescue.locator("textarea").fill("Venez vite à l'hôtel, 50 €")
    assert "Venez vite à l'hotel, 50 €" in rescue.locator("[data-preview]").first.inner_text()
    assert rescue.locator("[data-changed]").inner_text().endswith(": ô")
    assert rescue.locator("[data-doubled]").inner_text().endswith(": €")
    shown = rescue.locator("[data-preview]").first.inner_text()
    assert f"{len(shown) + 1} caractères sur 160" in rescue.locator("[data-count]").first.inner_text()
    rescue.locator("textarea").fill("Venez vite, il est revenu. " * 4)
    assert "2 SMS" in rescue.locator("[data-count]").first.inner_text()
    rescue.locator("textarea").fill("Venez vite à l'hôtel")
    hand.page.evaluate("() => { speechSynthesis.speak = (said) => { window.heard = [said.lang, said.text]; }; }")
    for call, language, begins, ends in (
        (0, "fr", "Lila appelle au secours.", "appelez le 17."),
        (1, "en", "Lila is calling for help.", "call 17."),
    ):
        hand.tap(rescue.locator("summary").nth(call))
        hand.tap(rescue.locator("[data-listen]").nth(call))
        heard, said = hand.page.evaluate("window.heard")
        assert heard == language
        assert said.startswith(begins)
        assert "Venez vite à l'hôtel" in said
        assert said.endswith(ends)
    rescue.locator("textarea").fill("")


def pair_her_telephone(hand: Hand, telephone: Hand, server: Server) -> None:
    """The code shown here is typed there; once the telephone is ready this page leads on."""
    page = hand.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand.go(page.locator(".next a"))
    hand.go("Relier un téléphone")
    page.click("[data-copy]")
    expect(page.locator("[data-said]")).to_have_text("Copié")
    assert page.get_by_role("link", name="C'est fait").get_attribute("href") == "/profile/phones/"
    code = page.locator("[data-code]").get_attribute("data-code") or ""
    assert page.evaluate("navigator.clipboard.readText()") == code
    expect(page.locator("[data-countdown]")).to_contain_text("9:5")
    telephone.open(f"{server.url}/phone/")
    telephone.type("code", code)
    telephone.tap(telephone.page.locator("#code-send"))
    expect(telephone.page.locator("#surface")).to_be_visible()
    expect(telephone.page.locator("#word")).to_have_text("Prêt")
    page.wait_for_url("**/profile/phones/")  # by itself; without scripts there is a link
    hand.arrive()


def hold_a_drill(hand: Hand, nadia: Window, server: Server) -> None:
    """Her first one: it starts here, Nadia opens what she receives, and the report fills itself."""
    hand.go("Faire un exercice")
    hand.read_whole()
    hand.go("Commencer l'exercice")
    nadia.page.goto(link_to(server, NADIA.phone_number, "/r/"))
    nadia.page.click("main button.main")
    people = hand.page.locator(".readiness")
    expect(people.first).to_contain_text("Lien ouvert en", timeout=15_000)
    expect(people.first).to_contain_text("Reçu en")
    expect(people.last).to_contain_text("SMS : parti")


def take_everything_away(window: Window, folder: Path) -> None:
    """The archive is whole, and its page stands alone."""
    page = window.page
    page.goto("/".join((*page.url.split("/")[:3], "profile/kept/")))
    with page.expect_download() as taken:
        page.click("[href='/profile/kept/export/']")
    taken.value.save_as(folder / "carnet.zip")

    with ZipFile(folder / "carnet.zip") as archive:
        assert archive.testzip() is None
        assert [alert["drill"] for alert in json.loads(archive.read("carnet.json"))["alerts"]] == [True]
        opened = window.context.new_page()  # on no site: it stands alone
        opened.set_content(archive.read("carnet.html").decode())
    assert "Nadia" in opened.inner_text("body")
    assert fits(opened)
