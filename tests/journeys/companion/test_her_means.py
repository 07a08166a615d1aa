"""What her telephone has besides the surface: a rehearsal, a siren, a Bluetooth button, a text without data."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests import sound
from tests.browser import Browser, Window
from tests.journeys.companion import ears
from tests.journeys.companion.steps import COMPIEGNE, OFFLINE, OUR_NUMBER, Service, end, pair, surface, until, word
from tests.journeys.stage import count_screen_locks, locks
from tests.server import ROOT

pytestmark = [pytest.mark.journey, pytest.mark.slow]

# A double of the browser's Bluetooth with one iTAG near; headless browsers have no radio, and no motor that vibrates.
RADIO = f"""{(ROOT / "tests/js/bluetooth.fake.js").read_text(encoding="utf-8")}
window.radio = new FakeRadio();
Object.defineProperty(navigator, "bluetooth", {{ value: window.radio }});
"""
VIBRATIONS = """window.felt = [];
navigator.vibrate = (pattern) => window.felt.push(pattern.join(" "));
"""
SPEAKERS = """window.speakers = [];
window.AudioContext = class extends AudioContext {
    constructor() { super(); window.speakers.push(this); }
};
"""
SOUNDING = "window.speakers.map((one) => one.state)"
# One second of the siren as the page itself makes it: how loud (1 is the most there is), and how often it crosses zero.
HEARD = """async () => {
    const { wire } = await import(document.querySelector("link[rel=modulepreload][href*='/siren']").href);
    const context = new OfflineAudioContext(1, 48000, 48000);
    wire(context);
    const sound = (await context.startRendering()).getChannelData(0);
    const crossings = sound.filter((one, at) => at > 0 && (one < 0) !== (sound[at - 1] < 0)).length;
    return [Math.sqrt(sound.reduce((sum, one) => sum + one * one, 0) / sound.length), crossings / 2];
}"""


def twice(page: Page) -> None:
    """Two taps of one hand."""
    surface(page).tap()
    surface(page).tap()


def hold(page: Page) -> None:
    """A finger that stays until it is felt."""
    surface(page).hover()
    page.mouse.down()
    page.wait_for_timeout(1_000)
    page.mouse.up()


def open_settings(page: Page) -> None:
    page.get_by_text("Réglages").click()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_she_rehearses_the_gestures_and_nothing_leaves(
    service: Service, browser: Browser, code: str, *, dark: bool
) -> None:
    window = browser.phone(dark=dark)
    page = window.page
    page.add_init_script(VIBRATIONS)
    pair(window, service, code)
    before = service.clicks()
    open_settings(page)
    page.get_by_role("button", name="Essayer les gestes").click()
    expect(word(page)).to_have_text("Essai : rien ne part d'ici")
    window.assert_accessible()

    twice(page)
    expect(word(page)).to_have_text("Reconnu : Deux appuis")
    hold(page)
    expect(word(page)).to_have_text("Reconnu : Appui long")
    page.get_by_role("button", name="Un appui").click()
    expect(word(page)).to_have_text("Reconnu : Un appui")
    expect(page.locator("#line")).to_contain_text("Un appui : 1 · Deux appuis : 1 · Long : 1")
    assert page.evaluate("window.felt") == ["60 90 60", "300", "60"]
    assert service.clicks() == before
    assert service.other_phone.alert() is None

    page.get_by_role("button", name="Terminer l'essai").click()
    expect(word(page)).to_have_text("Prêt")
    surface(page).tap()
    expect(word(page)).to_have_text("Envoyé")
    assert service.clicks() == before + 1


def test_a_rehearsal_that_she_forgot_ends_by_itself_and_the_next_gesture_is_meant(
    service: Service, phone: Window
) -> None:
    page = phone.page
    page.clock.install()
    page.reload()
    expect(word(page)).to_have_text("Prêt")
    for how in ("by itself", "because another telephone of hers alerts"):
        open_settings(page)
        page.get_by_role("button", name="Essayer les gestes").click()
        expect(word(page)).to_have_text("Essai : rien ne part d'ici")
        if how == "by itself":
            page.clock.fast_forward(61_000)
            expect(word(page)).to_have_text("Prêt")
        else:
            service.other_phone.click()
            page.clock.fast_forward(21_000)
            expect(word(page)).to_have_text("Envoyé")


def test_the_siren_that_she_chose_is_loud_and_ends_by_her_code_alone(
    service: Service, browser: Browser, code: str
) -> None:
    service.does("Victim.objects.update(siren=True)")
    window = browser.phone()
    page = window.page
    window.forgive("403")
    count_screen_locks(page)
    page.add_init_script(SPEAKERS)
    pair(window, service, code)
    loudness, hertz = page.evaluate(HEARD)
    assert loudness > 0.7, "nothing that one loudspeaker plays is much louder"
    assert 1_600 < hertz < 3_400, "where ears are keenest"
    surface(page).tap()
    expect(word(page)).to_have_text("Envoyé")
    assert page.evaluate(SOUNDING) == []

    hold(page)
    until(lambda: page.evaluate(SOUNDING) == ["running"])
    expect(page.locator("#line")).to_contain_text("Alarme")
    open_settings(page)
    expect(page.get_by_role("button", name="Ne plus relier ce téléphone")).to_be_disabled()
    end(window, "0000")
    expect(page.locator("#closing-error")).to_have_text("Code incorrect. Réessayez.")
    assert page.evaluate(SOUNDING) == ["running"]
    assert locks(page)["released"] == 0
    page.fill("#pin", service.duress_pin)
    page.get_by_role("button", name="Valider").click()

    expect(word(page)).to_have_text("Terminé")
    until(lambda: page.evaluate(SOUNDING) == ["closed"])
    assert locks(page)["released"] == 1
    service.does("Victim.objects.update(siren=False)")


def test_her_button_alerts_is_lost_is_found_and_is_known_again_after_a_reload(
    service: Service, browser: Browser, code: str
) -> None:
    window = browser.phone()
    page = window.page
    page.add_init_script(RADIO)
    pair(window, service, code)
    open_settings(page)
    expect(page.locator("#button-line")).to_have_text("Aucun bouton relié.")
    page.get_by_role("button", name="Relier un bouton").click()
    expect(page.locator("#button-line")).to_have_text("Bouton relié. Pile : 83 %.")
    window.assert_accessible()

    page.evaluate("radio.tag.walksAway()")
    expect(page.locator("#notices")).to_contain_text("Le bouton n'est pas entendu : utilisez ce téléphone.")
    expect(page.locator("#button-line")).to_contain_text("Bouton perdu depuis")
    assert page.evaluate("radio.tag.beeps") == 0, "it does not betray her"
    page.evaluate("radio.tag.comesBack()")
    expect(page.locator("#button-line")).to_have_text("Bouton relié. Pile : 83 %.")
    expect(page.locator("#notices")).not_to_contain_text("bouton")

    page.reload()
    expect(word(page)).to_have_text("Prêt")
    until(lambda: page.evaluate("radio.tag.connected && radio.tag.characteristics.length > 0"))
    page.evaluate("radio.tag.press(); radio.tag.press();")
    expect(page.locator("#line")).to_contain_text("Secours")
    page.evaluate("for (let n = 0; n < 3; n += 1) { radio.tag.press(); }")
    expect(page.locator("#line")).to_contain_text("Alarme")
    assert service.latest("kind") == "alarm"


def test_without_data_her_click_is_offered_as_a_text_with_where_she_is(
    service: Service, browser: Browser, code: str
) -> None:
    window = browser.phone()
    page = window.page
    window.move_to(*COMPIEGNE)
    window.forgive(OFFLINE)
    page.add_init_script(VIBRATIONS)
    with page.expect_response("**/api/v1/inbound"):
        pair(window, service, code)
    text = page.get_by_role("link", name="Envoyer par SMS à la place")
    expect(text).to_be_hidden()
    window.go_offline()

    twice(page)

    expect(word(page)).to_have_text("Pas encore envoyé, nouvel essai")
    expect(text).to_have_attribute("href", f"sms:{OUR_NUMBER}?body=2%2049.41790%2C2.82610")
    assert page.evaluate("window.felt") == ["60 90 60", "500 200 500"]
    window.assert_accessible()
    page.set_viewport_size({"width": 320, "height": 568})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    window.go_online()
    expect(word(page)).to_have_text("Envoyé")
    expect(text).to_be_hidden()


def test_no_second_that_was_acknowledged_is_lost_and_all_of_it_plays(
    service: Service, chromium: Chromium, code: str, tmp_path: Path
) -> None:
    """kill -9 of the server in the middle, then of the browser."""
    with ears.listening(chromium, tmp_path) as loud:
        window = Browser(loud).phone()
        page = window.page
        answers = ears.answers_of(page)
        page.add_init_script(ears.MADE)
        window.context.grant_permissions(["geolocation", "microphone"])
        window.move_to(*COMPIEGNE)
        window.forgive("net::ERR_")
        pair(window, service, code)

        hold(page)
        expect(page.locator("#sound-line")).to_contain_text("Enregistrement depuis")
        kept = ears.Kept(service)
        until(lambda: len(kept.chunks()) >= 2)
        page.evaluate(ears.A_MINUTE_LATER)
        until(lambda: kept.chunks()[-1].facts["segment"] == 1)

        service.server.kill()
        before = kept.chunks()
        service.server.start()
        until(lambda: len(kept.chunks()) >= max(len(before) + 3, len(page.evaluate("window.made"))))

        expect(page.locator("#sound-line")).to_contain_text("Enregistrement depuis")
        window.assert_accessible()
        made = page.evaluate("window.made")
        receipts = dict(ears.receipt(answer) for answer in answers)
        window.assert_clean()
        killed = ears.kill(loud)

        ears.assert_nothing_is_missing(kept.chunks(), before=before, acknowledged=receipts, made=made, until=killed)
        ears.assert_all_is_heard([sound.heard(one) for one in kept.files()])


def test_sound_that_waits_for_a_network_outlives_its_page_and_nobody_reads_it_there(
    service: Service, chromium: Chromium, code: str, tmp_path: Path
) -> None:
    with ears.listening(chromium, tmp_path) as loud:
        window = Browser(loud).phone()
        page = window.page
        window.context.grant_permissions(["geolocation", "microphone"])
        page.add_init_script(ears.MADE)
        window.forgive(OFFLINE)
        pair(window, service, code)
        hold(page)
        expect(page.locator("#sound-line")).to_contain_text("Enregistrement depuis")
        kept = ears.Kept(service)
        until(lambda: len(kept.chunks()) >= 2)

        window.go_offline()
        until(lambda: page.evaluate(ears.ON_THE_TELEPHONE) >= 3)
        made = page.evaluate("window.made")
        page.close()
        had = len(kept.chunks())
        assert had < len(made)
        window.go_online()
        later = window.context.new_page()
        later.goto(f"{service.server.url}/phone/")

        until(lambda: len(kept.chunks()) > had + 2)
        until(lambda: later.evaluate(ears.ON_THE_TELEPHONE) == 0)
        expect(later.locator("#sound-line")).to_have_text("Le son n'est pas enregistré.")
        found = kept.hashes()
        assert found == made[: len(found)]
        assert len(made) - len(found) <= 2, "seconds of sound in flight when the page was closed"
