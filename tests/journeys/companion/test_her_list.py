"""She takes somebody out of her alert: whom, then her code; and her telephone tells the service how it stands."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Browser, Window
from tests.journeys.companion.steps import OFFLINE, Service, pair, surface, until, word

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def choose(page: Page, name: str) -> None:
    page.get_by_role("button", name="Retirer quelqu'un").click()
    page.locator("#removing-names").get_by_role("button", name=name).click()


def give(page: Page, pin: str) -> None:
    page.fill("#removing-pin", pin)
    page.get_by_role("button", name="Retirer", exact=True).click()


def two_told(window: Window, service: Service) -> list[str]:
    """She alerts and looks who is told: the first two names."""
    surface(window.page).tap()
    expect(word(window.page)).to_have_text("Envoyé")
    window.page.get_by_text("Qui est prévenu").click()
    return [contact["name"] for contact in service.other_phone.alert()["contacts"][:2]]


def cut_off(service: Service) -> set[str]:
    """The names of those whose link is dead in the newest alert."""
    alert = service.latest("id")
    links = "SELECT contact_id FROM alerts_link WHERE cut_off_at IS NOT NULL AND alert_id"
    gone = {contact for (contact,) in service.rows(f"{links} = '{alert}'")}
    told = service.other_phone.alert()["contacts"]
    return {contact["name"] for contact in told if contact["id"] in gone}


def test_nobody_is_said_to_be_taken_out_who_is_not(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE, "403")
    page = phone.page
    first, _second = two_told(phone, service)
    page.get_by_role("button", name="Retirer quelqu'un").click()
    phone.assert_accessible()
    page.get_by_role("button", name="Retour").click()

    choose(page, first)
    expect(page.locator("#removing-name")).to_have_text(f"Retirer {first}")
    phone.go_offline()
    give(page, service.pin)
    trouble = page.locator("#removing-error")
    expect(trouble).to_have_text(f"Pas de réponse du service : ce n'est pas fait, {first} voit toujours. Réessayez.")
    phone.go_online()
    give(page, "0000")
    expect(trouble).to_have_text("Code incorrect. Réessayez.")
    expect(page.locator("#removing-pin")).to_have_value("")
    phone.assert_accessible()
    assert cut_off(service) == set()


def test_a_forced_code_takes_nobody_out_and_looks_the_same(service: Service, browser: Browser, code: str) -> None:
    window = browser.dark()
    page = window.page
    pair(window, service, code)
    names = two_told(window, service)
    seen = []
    for name, pin in zip(names, (service.duress_pin, service.pin), strict=True):
        choose(page, name)
        window.assert_accessible()
        give(page, pin)
        expect(page.get_by_text("C'est fait.")).to_be_visible()
        window.assert_accessible()
        shown = page.locator("#removing").inner_text()
        page.get_by_role("button", name="Fermer").click()
        told = page.locator("#contacts li").filter(has_text=name)
        expect(told).to_contain_text("ne voit plus rien")
        seen.append((shown, told.inner_text().replace(name, "")))
    assert seen[0] == seen[1]
    assert cut_off(service) == {names[1]}

    page.reload()
    expect(word(page)).to_have_text("Envoyé")
    page.get_by_text("Qui est prévenu").click()
    expect(page.locator("#contacts li").filter(has_text="ne voit plus rien")).to_have_count(2)
    page.get_by_role("button", name="Retirer quelqu'un").click()
    expect(page.locator("#removing-names button")).to_have_count(3)


def test_a_position_taken_back_on_her_telephone_reaches_her_own_page(service: Service, phone: Window) -> None:
    """A sign of the page itself, once a minute at most: its clock is moved on."""
    allowed = "SELECT position_allowed FROM alerts_phone ORDER BY id DESC LIMIT 1"
    until(lambda: service.rows(allowed) == [(True,)])

    phone.page.clock.install()
    phone.page.reload()
    expect(word(phone.page)).to_have_text("Prêt")
    phone.context.clear_permissions()
    phone.page.clock.run_for(61_000)

    until(lambda: service.rows(allowed) == [(False,)])
