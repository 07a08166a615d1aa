"""Marie's telephone in Chromium against the real service: her hand, her network, her PIN."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from alerts.states import Gesture
from tests.browser import Browser, Window
from tests.journeys.companion.steps import KEPT, OFFLINE, Service, end, pair, surface, until, walk, word
from tests.phones import Companion, OverHttp

pytestmark = [pytest.mark.journey, pytest.mark.slow]


def test_a_code_of_her_profile_pairs_her_telephone(service: Service, browser: Browser) -> None:
    page = browser.desktop().page
    page.goto(f"{service.server.url}/account/login/?next=/profile/phones/")
    page.fill("[name=login]", service.people["victim"]["username"])
    page.fill("[name=password]", service.people["victim"]["password"])
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("button", name="Relier un autre téléphone").click()
    page.fill("[name=password]", service.people["victim"]["password"])
    page.get_by_role("button", name="Continuer").click()

    pair(browser.phone(), service, page.locator("#code").inner_text())


def test_a_tap_tells_her_contacts_and_says_where_she_is(service: Service, phone: Window) -> None:
    surface(phone.page).tap()

    expect(word(phone.page)).to_have_text("Envoyé")
    expect(phone.page.locator("#line")).to_contain_text("Prévention")
    assert service.latest("kind") == "prevention"
    stops = walk(phone, stops=3)
    until(lambda: service.latitudes()[-1:] == stops[-1:])


def test_two_taps_call_for_rescue(service: Service, phone: Window) -> None:
    surface(phone.page).tap()
    surface(phone.page).tap()

    expect(phone.page.locator("#line")).to_contain_text("Secours")
    assert service.latest("kind") == "rescue"
    expect(phone.page.locator("#line")).to_contain_text("partis 5/5")


def test_she_reads_of_each_contact_what_happens_folded_away(service: Service, phone: Window) -> None:
    surface(phone.page).tap()
    surface(phone.page).tap()
    expect(phone.page.locator("#line")).to_contain_text("partis 5/5")
    contacts = phone.page.locator("#contacts li")
    expect(contacts.first).to_be_hidden()

    phone.page.get_by_text("Qui est prévenu").click()
    expect(contacts).to_have_count(5)
    expect(contacts.first).to_contain_text("SMS : parti")
    service.does(
        "now = timezone.now(); alert = Alert.objects.get(state='open'); "
        "first, second, third = Contact.objects.order_by('rank')[:3]; "
        "responding.take_charge(alert.pk, first, responding.Act(by='sms'), now=now); "
        "responding.decline(alert.pk, second, responding.Act(by='voice'), now=now); "
        "stopping.stop(third, now=now)"
    )

    expect(contacts.nth(0)).to_contain_text("s'en occupe")
    expect(contacts.nth(1)).to_contain_text("a répondu non")
    expect(contacts.nth(2)).to_contain_text("STOP : plus de SMS")
    phone.assert_accessible()
    phone.page.set_viewport_size({"width": 320, "height": 640})
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 320
    service.does("stopping.resume(Contact.objects.order_by('rank')[2])")


def test_nobody_reached_is_said_with_the_other_ways_out(service: Service, phone: Window) -> None:
    """The auditor's finding, as the service would answer it: here everybody is reached at once."""

    def answer(route: Route) -> None:
        real = route.fetch()
        told = real.json()
        if told["alert"]:
            told["alert"]["nobody_reached"] = True
        route.fulfill(response=real, json=told)

    phone.page.route("**/api/v1/alert", answer)
    surface(phone.page).tap()

    expect(phone.page.locator("#line")).to_contain_text("Personne n'est encore joint")
    expect(phone.page.get_by_role("link", name="Appeler le 17")).to_be_visible()
    expect(phone.page.get_by_role("link", name="SMS au 114")).to_be_visible()
    phone.assert_accessible()
    phone.page.unroute_all(behavior="ignoreErrors")


def test_a_click_too_many_is_not_called_sent_and_the_alert_is_said_to_run(service: Service, phone: Window) -> None:
    """The answer to somebody who clicks without end, at the second click already."""
    phone.forgive("429")
    surface(phone.page).tap()
    surface(phone.page).tap()
    expect(phone.page.locator("#line")).to_contain_text("Secours")
    too_many = {"error": {"code": "too_many_clicks", "message": "So many clicks change nothing.", "fields": {}}}
    phone.page.route("**/api/v1/clicks", lambda route: route.fulfill(status=429, json=too_many))
    phone.page.wait_for_timeout(600)
    surface(phone.page).tap()

    expect(word(phone.page)).to_have_text("Déjà en cours")
    expect(phone.page.locator("#line")).to_contain_text("Dernier appui pas renvoyé : l'alerte continue")
    expect(phone.page.locator("#line")).to_contain_text("Secours")
    assert phone.page.evaluate(KEPT.replace('"kept"', '"clicks"')) == [], "it is not tried again"
    phone.assert_accessible()
    phone.page.unroute_all(behavior="ignoreErrors")
    phone.page.wait_for_timeout(600)
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")


def test_a_hand_that_shakes_begins_no_second_alert_after_the_end(service: Service, phone: Window) -> None:
    phone.forgive("429")
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")
    phone.page.evaluate("for (let n = 0; n < 60; n += 1) document.getElementById('gesture-single').click()")
    expect(word(phone.page)).to_have_text(re.compile("Déjà en cours|Envoyé"), timeout=20_000)
    end(phone, service.pin)
    expect(word(phone.page)).to_have_text("Terminé")

    phone.page.wait_for_timeout(3_000)
    expect(word(phone.page)).to_have_text("Terminé")
    assert service.other_phone.alert() is None


def test_a_long_press_raises_the_alarm_while_the_finger_is_down(service: Service, phone: Window) -> None:
    surface(phone.page).hover()
    phone.page.mouse.down()

    expect(phone.page.locator("#line")).to_contain_text("Alarme")
    phone.page.mouse.up()
    assert service.latest("kind") == "alarm"


def test_a_stronger_gesture_raises_the_same_alert(service: Service, phone: Window) -> None:
    surface(phone.page).tap()
    expect(phone.page.locator("#line")).to_contain_text("Prévention")
    alert = service.latest("id")

    phone.page.wait_for_timeout(600)
    surface(phone.page).tap()
    surface(phone.page).tap()

    expect(phone.page.locator("#line")).to_contain_text("Secours")
    assert service.latest("id") == alert


def test_the_three_gestures_are_buttons_of_the_keyboard_too(service: Service, phone: Window) -> None:
    phone.page.get_by_role("button", name="Deux appuis").focus()
    phone.page.keyboard.press("Enter")

    expect(phone.page.locator("#line")).to_contain_text("Secours")
    assert service.latest("kind") == "rescue"


def test_a_tap_without_network_says_so_and_leaves_by_itself_when_it_is_back(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE)
    before = service.clicks()
    phone.go_offline()

    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Pas encore envoyé, nouvel essai")
    expect(phone.page.get_by_role("link", name="Appeler le 17")).to_have_attribute("href", "tel:17")
    expect(phone.page.get_by_role("link", name="SMS au 114")).to_have_attribute("href", "sms:114")
    assert service.clicks() == before

    phone.go_online()
    expect(word(phone.page)).to_have_text("Envoyé")
    expect(phone.page.get_by_role("link", name="Appeler le 17")).to_be_hidden()
    assert service.clicks() == before + 1


def test_a_tap_made_without_network_survives_a_reload(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE)
    before = service.clicks()
    phone.go_offline()
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Pas encore envoyé, nouvel essai")

    phone.page.reload()
    expect(word(phone.page)).to_have_text("Pas encore envoyé, nouvel essai")
    phone.go_online()

    expect(word(phone.page)).to_have_text("Envoyé")
    assert service.clicks() == before + 1


def test_half_a_minute_without_network_loses_no_point_and_no_order(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE)
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")
    first = walk(phone, stops=3)
    until(lambda: service.latitudes()[-1:] == first[-1:])

    phone.go_offline()
    away = walk(phone, stops=30, start=3)
    expect(phone.page.locator("#notices")).to_contain_text("Pas de réseau")
    assert not set(away) & set(service.latitudes())
    phone.go_online()
    after = walk(phone, stops=2, start=33)

    until(lambda: service.latitudes()[-1:] == after[-1:])
    arrived = [latitude for latitude in service.latitudes() if latitude in {*first, *away, *after}]
    assert arrived == [*first, *away, *after]
    times = service.rows(
        f"SELECT recorded_at FROM alerts_position WHERE alert_id = '{service.latest('id')}' ORDER BY id"  # noqa: S608
    )
    assert times == sorted(times)


def test_points_that_wait_survive_a_reload_and_she_is_followed_again(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE)
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")
    phone.go_offline()
    before = walk(phone, stops=4)

    phone.page.reload()
    expect(word(phone.page)).to_have_text("Envoyé")
    after = walk(phone, stops=4, start=4)
    phone.go_online()

    until(lambda: service.latitudes()[-1:] == after[-1:])
    arrived = [latitude for latitude in service.latitudes() if latitude in {*before, *after}]
    assert list(dict.fromkeys(arrived)) == [*before, *after]
    assert arrived == sorted(arrived)


def test_she_ends_the_alert_with_her_pin(service: Service, phone: Window) -> None:
    phone.forgive("403")
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")

    end(phone, "0000")
    expect(phone.page.locator("#closing-error")).to_have_text("Code incorrect. Réessayez.")
    assert service.latest("state") == "open"
    phone.page.fill("#pin", service.pin)
    phone.page.get_by_role("button", name="Valider").click()

    expect(word(phone.page)).to_have_text("Terminé")
    assert service.latest("state") == "closed"
    sent = len(service.latitudes())
    walk(phone, stops=3)
    assert len(service.latitudes()) == sent


UNDER_A_HASTY_TAP = """() => new Promise((resolve) => {
    const dialog = document.getElementById("closing");
    const surface = document.getElementById("surface").getBoundingClientRect();
    const beneath = () => document.elementFromPoint(surface.x + surface.width / 2, surface.y + surface.height / 2);
    const look = () => setTimeout(() => resolve(beneath()?.closest("#surface") === null));
    dialog.addEventListener("close", look, { once: true });
})"""


def test_a_hasty_second_tap_on_the_end_of_an_alert_falls_on_nothing(service: Service, phone: Window) -> None:
    """A tap right after a dialog's own must not reach the gestures beneath; a moment later one does again."""
    before = service.clicks()
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")

    phone.page.get_by_role("button", name="Terminer").click()
    with_back = phone.page.evaluate_handle(f"({{ falls: ({UNDER_A_HASTY_TAP})() }})")
    phone.page.get_by_role("button", name="Retour").click()
    assert phone.page.evaluate("(asked) => asked.falls", with_back) is True

    with_pin = phone.page.evaluate_handle(f"({{ falls: ({UNDER_A_HASTY_TAP})() }})")
    end(phone, service.pin)
    assert phone.page.evaluate("(asked) => asked.falls", with_pin) is True

    expect(word(phone.page)).to_have_text("Terminé")
    assert service.clicks() == before + 1
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Envoyé")


def test_under_duress_her_telephone_shows_the_very_same(service: Service, phone: Window) -> None:
    shown = []
    for pin in (service.pin, service.duress_pin):
        surface(phone.page).tap()
        expect(word(phone.page)).to_have_text("Envoyé")
        end(phone, pin)
        expect(word(phone.page)).to_have_text("Terminé")
        phone.page.wait_for_timeout(1000)
        text = phone.page.locator("main").inner_text()
        shown.append("".join(character for character in text if not character.isdigit()))

    assert shown[0] == shown[1]
    assert service.latest("state") == "closed_under_duress"


def test_an_alert_opened_by_another_telephone_starts_no_sensor_here(service: Service, phone: Window) -> None:
    service.other_phone.click(Gesture.SINGLE)
    phone.page.reload()

    follow = phone.page.get_by_role("button", name="Envoyer ma position d'ici")
    expect(follow).to_be_visible()
    walk(phone, stops=3)
    assert service.latitudes() == []

    follow.click()
    stops = walk(phone, stops=2, start=3)
    until(lambda: service.latitudes()[-1:] == stops[-1:])


def test_a_revoked_telephone_says_plainly_that_nothing_leaves_it(service: Service, phone: Window) -> None:
    phone.forgive("401")
    token = phone.page.evaluate(f"async () => (await ({KEPT})())[0].token")
    assert Companion(wire=OverHttp(service.server.url), token=token).forget().status in {200, 204}

    surface(phone.page).tap()

    expect(phone.page.locator("#revoked")).to_be_visible()
    expect(phone.page.locator("#revoked")).to_have_text("Ce téléphone n'est plus relié. Rien n'est envoyé d'ici.")
    expect(phone.page.get_by_role("link", name="Appeler le 17")).to_be_visible()
    expect(phone.page.locator("#code")).to_be_visible()


def test_she_unpairs_her_telephone_and_nothing_remains_on_it(service: Service, phone: Window) -> None:
    phone.page.get_by_text("Réglages").click()
    phone.page.get_by_role("button", name="Ne plus relier ce téléphone").click()
    phone.page.get_by_role("button", name="Ne plus relier", exact=True).click()

    expect(phone.page.locator("#code")).to_be_visible()
    expect(phone.page.locator("#revoked")).to_be_hidden()
    assert service.rows("SELECT revoked_at FROM alerts_phone ORDER BY id DESC LIMIT 1")[0][0] is not None
    left = phone.page.evaluate(KEPT)
    assert left == []


def test_a_click_that_waited_too_long_is_sent_only_when_she_says_so(service: Service, phone: Window) -> None:
    phone.forgive(OFFLINE, "409")
    before = service.clicks()
    phone.go_offline()
    surface(phone.page).tap()
    expect(word(phone.page)).to_have_text("Pas encore envoyé, nouvel essai")
    phone.page.clock.set_system_time(datetime.now(UTC) + timedelta(minutes=11))
    phone.go_online()

    send = phone.page.get_by_role("button", name="Envoyer maintenant")
    expect(send).to_be_visible()
    assert service.clicks() == before
    send.click()

    expect(word(phone.page)).to_have_text("Envoyé")
    expect(send).to_be_hidden()
    assert service.clicks() == before + 1


def test_a_wrong_code_pairs_nothing(service: Service, browser: Browser) -> None:
    window = browser.phone()
    window.forgive("404", "422", "403")
    window.page.goto(f"{service.server.url}/phone/")
    window.page.fill("#code", "AAAA AAAA")
    window.page.get_by_role("button", name="Relier", exact=True).click()

    expect(window.page.locator("#code-error")).to_contain_text("Ce code n'est pas reconnu")


def test_without_scripts_the_page_gives_the_other_ways_out(service: Service, browser: Browser) -> None:
    page = browser.no_script().page
    page.goto(f"{service.server.url}/phone/")

    expect(page.get_by_text("Elle a besoin de JavaScript")).to_be_visible()
    expect(page.get_by_role("link", name="Appeler le 17")).to_be_visible()
    expect(page.locator("#surface")).to_be_hidden()


@pytest.mark.parametrize("dark", [False, True])
def test_every_state_of_the_page_is_accessible(service: Service, browser: Browser, code: str, *, dark: bool) -> None:
    window = browser.phone(dark=dark)
    window.page.goto(f"{service.server.url}/phone/")
    expect(window.page.locator("#code")).to_be_visible()
    window.assert_accessible()
    pair(window, service, code)
    window.page.get_by_text("Réglages").click()
    window.assert_accessible()
    surface(window.page).tap()
    expect(word(window.page)).to_have_text("Envoyé")
    window.assert_accessible()
    window.page.get_by_role("button", name="Terminer").click()
    window.assert_accessible()
