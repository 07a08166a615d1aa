"""A contact's telephone opens the link of the SMS: read in thirty seconds, by day, by night, without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import Browser, Window
from tests.journeys.stage import SEEN_WITHIN, Stage, count_screen_locks, dialled, keep_from_dialling, locks

pytestmark = pytest.mark.journey

MOST_BYTES = 60 * 1024
MOST_REQUESTS, MOST_REQUESTS_IN_ALL = 8, 20
SLOWLY = 15_000  # milliseconds
HOSTILE = "${alert(1)}</script><img src=x onerror=alert(2)>`"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One service for the module; every story in it has a Marie of its own."""
    made = Stage(tmp_path_factory.mktemp("live"))
    made.server.start()
    yield made
    made.server.stop()


def test_without_scripts_a_contact_reads_takes_charge_and_calls(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue", steps=20)
    page = stage.open(browser.no_script(), story["links"]["Nadia"])

    expect(page.locator("#fix")).to_contain_text("en direct, il y a")
    expect(page.locator("#geo")).to_have_attribute("href", "geo:49.418300,2.826500?q=49.418300,2.826500(Marie)")
    expect(page.locator("#call")).to_have_attribute("href", "tel:17")
    expect(page.locator(".bar a[href^='sms:114?body=']")).to_be_visible()
    expect(page.locator("noscript meta[http-equiv=refresh]")).to_have_attribute("content", "10")

    page.get_by_role("button", name="Je prends en charge").click()
    expect(page.locator("#charge")).to_have_text("En charge : vous")
    page.get_by_role("button", name="J'appelle le 17", exact=True).click()
    page.wait_for_url("**/seventeen")
    expect(page.locator("#seventeen-state")).to_contain_text("Nadia appelle le 17 depuis")
    page.get_by_label("Ce que le 17 a dit").fill("une patrouille vient")
    page.get_by_role("button", name="J'ai eu le 17").click()
    expect(page.locator("#charge")).to_have_text("En charge : vous")
    expect(page.locator("#seventeen-state")).to_contain_text("Nadia a eu le 17")
    expect(page.locator("#seventeen-state")).to_contain_text("une patrouille vient")
    page.get_by_text("Messages", exact=True).click()
    expect(page.get_by_text("Nadia prend en charge")).to_be_hidden()
    expect(page.get_by_text("Envoi à 5 personnes")).to_be_visible()

    page.locator(".bar").get_by_role("link", name="Plus").click()
    page.get_by_role("link", name="Que dire au 17").click()
    expect(page.locator("#seventeen")).to_contain_text("La personne en danger n'est pas avec moi")
    expect(page.locator("#seventeen")).to_contain_text("12 rue des Lombards")


def test_two_phones_share_one_state(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue", steps=60)
    nadia = stage.open(browser.phone(), story["links"]["Nadia"])
    night = browser.dark()
    thomas = stage.open(night, story["links"]["Thomas"])

    nadia.locator("summary").click()
    nadia.get_by_role("button", name="Je prends en charge").click()
    expect(thomas.locator("#charge")).to_have_text("En charge : Nadia", timeout=SEEN_WITHIN)

    night.forgive("409")
    thomas.get_by_role("button", name="Je prends en charge").click()
    expect(thomas.locator("#ask")).to_contain_text("Nadia a déjà pris en charge")
    thomas.locator("#ask").get_by_role("button", name="Prendre le relais").click()
    expect(nadia.locator("#charge")).to_have_text("En charge : Thomas", timeout=SEEN_WITHIN)
    expect(nadia.locator("#timeline li").first).to_contain_text("Thomas prend le relais")
    expect(nadia.locator("details")).to_have_attribute("open", "")

    stage.play("move", alert=story["alert"], latitude=49.43, longitude=2.84)
    expect(nadia.locator("#geo")).to_have_text("49.43000, 2.84000", timeout=SEEN_WITHIN)

    stage.play("close", alert=story["alert"], to="closed_under_duress")
    expect(nadia.locator("#duress")).to_have_text(
        "Alerte close sous contrainte : considérez Marie en danger", timeout=SEEN_WITHIN
    )
    expect(nadia.locator("#geo")).to_be_visible()
    nadia.locator("summary").first.scroll_into_view_if_needed()
    browser.windows[0].assert_accessible()  # with a fold open, and under duress


def test_after_the_end_the_page_says_so_and_shows_nobody(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    window = browser.phone()
    page = stage.open(window, story["links"]["Nadia"])

    stage.play("close", alert=story["alert"])

    expect(page.locator("#title")).to_have_text("Marie a mis fin à l'alerte", timeout=SEEN_WITHIN)
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator("#geo")).to_be_hidden()
    expect(page.locator("#call")).to_be_visible()
    expect(page.locator("#timeline")).not_to_contain_text("Compiègne")
    window.assert_accessible()
    page.reload()
    expect(page.locator("#title")).to_have_text("Marie a mis fin à l'alerte")
    expect(page.locator("body")).not_to_contain_text("49.41")
    window.assert_accessible()
    window.forgive("404")
    page.goto(f"{stage.server.url}/r/no-such-link-and-never-was")
    window.assert_accessible()


def test_the_17_dials_opens_its_sheet_and_keeps_the_screen_on(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    window = browser.phone()
    count_screen_locks(window.page)
    nadia = stage.open(window, story["links"]["Nadia"])
    keep_from_dialling(nadia)

    nadia.locator("#call").click()
    expect(nadia.locator("#seventeen")).to_be_focused()
    expect(nadia.locator("#call")).to_be_visible()
    assert dialled(nadia) == ["tel:17"]
    nadia.evaluate("document.dispatchEvent(new Event('visibilitychange'))")  # back from the call
    assert locks(nadia) == {"asked": 2, "released": 0}
    expect(nadia.locator("#after-call")).to_be_visible(timeout=SEEN_WITHIN)
    window.assert_accessible()
    nadia.keyboard.press("Escape")
    expect(nadia.locator("#seventeen")).to_be_hidden()
    expect(nadia.locator("#call")).to_be_focused()
    assert locks(nadia)["released"] == 1
    expect(nadia.get_by_text("Avez-vous eu le 17 ?")).to_be_visible()


def test_a_second_caller_is_told_first_and_everybody_reads_what_the_17_said(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    night = browser.dark()
    nadia, thomas = stage.open(browser.phone(), story["links"]["Nadia"]), stage.open(night, story["links"]["Thomas"])
    keep_from_dialling(nadia)
    keep_from_dialling(thomas)
    expect(thomas.locator("#key-17")).to_have_text("pas encore appelé")

    nadia.locator("#call").click()
    expect(thomas.locator("#key-17")).to_have_text("Nadia appelle", timeout=SEEN_WITHIN)
    thomas.locator("#call").click()
    expect(thomas.locator("#also")).to_contain_text("Nadia appelle le 17 depuis")
    assert dialled(thomas) == []
    night.assert_accessible()
    thomas.get_by_role("link", name="Appeler aussi").click()
    assert dialled(thomas) == ["tel:17"]

    nadia.get_by_label("Ce que le 17 a dit").fill("une patrouille vient")
    nadia.get_by_label("Ce que le 17 a dit").press("Enter")
    expect(thomas.locator("#also-said")).to_contain_text(": une patrouille vient", timeout=SEEN_WITHIN)
    expect(thomas.locator("#people")).to_contain_text("Nadia a eu le 17")
    expect(thomas.locator("#after-call")).to_be_visible()  # his own call goes on


def test_a_page_that_slept_never_shows_an_old_fix_as_live(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    window = browser.phone()
    page = stage.open(window, story["links"]["Nadia"])
    expect(page.locator("#fix")).to_have_attribute("data-freshness", "live")

    window.forgive("ERR_INTERNET_DISCONNECTED", "WebSocket")
    window.go_offline()
    # Ten minutes of sleep on a machine whose steady clock stands still meanwhile; its open socket says nothing.
    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 600_000; }")

    expect(page.locator("#fix")).to_have_attribute("data-freshness", "lost", timeout=2_000)
    expect(page.locator("#fix")).to_contain_text("PERDUE depuis")
    window.assert_accessible()
    window.go_online()
    expect(page.locator("#stream")).to_have_attribute("data-state", "live", timeout=SEEN_WITHIN)
    expect(page.locator("#fix")).not_to_have_attribute("data-freshness", "lost")


def test_an_act_without_a_network_survives_a_reload_and_is_never_shown_as_done(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    window = browser.phone()
    stage.swallow_acts(window)
    page = stage.open(window, story["links"]["Nadia"])

    page.get_by_role("button", name="J'y vais").click()
    expect(page.locator("#answer")).to_contain_text("Pas encore envoyé : J'y vais")
    page.reload()
    expect(page.locator("#answer")).to_contain_text("Pas encore envoyé : J'y vais")
    expect(page.locator("#people")).not_to_contain_text("y va")

    page.evaluate("() => { sessionStorage.network = 'back'; dispatchEvent(new Event('online')); }")
    expect(page.locator("#people")).to_contain_text("Nadia (vous) y va", timeout=SEEN_WITHIN)
    expect(page.locator("#timeline li", has_text="Nadia y va")).to_have_count(1)
    page.reload()
    expect(page.locator("#answer")).to_have_text("")


def test_on_slow_3g_the_17_comes_first_and_everything_else_follows(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue", steps=60)
    thomas = stage.open(browser.phone(), story["links"]["Thomas"])
    window = browser.phone()
    window.slow_down(latency=400, bits=400_000)
    window.page.goto(stage.server.url + story["links"]["Nadia"])
    window.page.get_by_role("button", name="Ouvrir").click()
    window.page.wait_for_url("**/alert/*/", wait_until="commit")
    page = window.page
    expect(page.locator("#call")).to_have_attribute("href", "tel:17", timeout=SLOWLY)
    expect(page.locator("#stream")).to_have_attribute("data-state", "live", timeout=SLOWLY)
    expect(page.locator("#fix")).to_have_attribute("data-freshness", "live")

    page.get_by_role("button", name="J'y vais").click()
    expect(thomas.locator("#people")).to_contain_text("Nadia y va", timeout=SLOWLY)
    stage.play("move", alert=story["alert"], latitude=49.43, longitude=2.84)
    expect(page.locator("#geo")).to_have_text("49.43000, 2.84000", timeout=SLOWLY)
    expect(page.locator(".her-name span span").first).to_have_text("Marie", timeout=SLOWLY)


def test_a_responder_shows_the_others_where_he_is(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    nadia = stage.open(browser.phone(), story["links"]["Nadia"])
    window = browser.phone()
    window.move_to(49.4279, 2.8261)
    thomas = stage.open(window, story["links"]["Thomas"])

    thomas.locator(".bar").get_by_role("link", name="Plus").click()
    thomas.get_by_role("button", name="Montrer où je suis").click()
    expect(nadia.locator("#people")).to_contain_text("à 1,1 km de Marie", timeout=SEEN_WITHIN)
    expect(nadia.locator(".person")).to_have_text("Thomas")

    thomas.get_by_role("button", name="Ne plus montrer où je suis").click()
    expect(nadia.locator("#people")).not_to_contain_text("1,1 km", timeout=SEEN_WITHIN)
    expect(nadia.locator(".person")).to_have_count(0)


def test_one_finger_scrolls_the_page_also_on_the_map(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue")
    page = stage.open(browser.phone(), story["links"]["Nadia"])
    expect(page.locator(".map-keys button")).to_have_count(3)

    assert page.locator("#map_live").evaluate("map => getComputedStyle(map).touchAction") == "pan-x pan-y"


def test_names_are_inert_on_the_page_and_on_the_map(stage: Stage, browser: Browser) -> None:
    story = stage.play("rescue", name=HOSTILE)
    page = stage.open(browser.phone(), story["links"]["Nadia"])

    expect(page.locator("#title")).to_contain_text(HOSTILE)
    expect(page.locator(".her-name span span").first).to_have_text(HOSTILE)
    expect(page.locator("img")).to_have_count(0)


@pytest.mark.parametrize(
    ("kind", "begins"), [("phone", {"gesture": "single"}), ("dark", {"drill": True}), ("desktop", {"gesture": "long"})]
)
def test_axe_finds_no_fault(stage: Stage, browser: Browser, kind: str, begins: dict[str, object]) -> None:
    story = stage.play("rescue", steps=30, **begins)
    window: Window = getattr(browser, kind)()
    window.page.goto(stage.server.url + story["links"]["Nadia"])
    window.assert_accessible()
    page = stage.open(window, story["links"]["Nadia"])
    expect(page.locator(".map-keys")).to_be_visible()
    window.assert_accessible()
    page.locator(".bar").get_by_role("link", name="Plus").click()
    window.assert_accessible()
    page.goto(f"{page.url.split('#')[0]}#seventeen")
    window.assert_accessible()


@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 640), (844, 390), (320, 256)])
def test_nothing_overflows_and_the_17_is_under_the_thumb(
    stage: Stage, browser: Browser, width: int, height: int
) -> None:
    story = stage.play("rescue")
    window = browser.phone()
    page = stage.open(window, story["links"]["Nadia"])
    window.page.set_viewport_size({"width": width, "height": height})  # also turned while the page is open

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("#call").bounding_box()
    assert box is not None
    assert box["height"] >= min(64, height / 5)
    assert box["x"] < width / 4
    assert box["y"] + box["height"] <= height
    small = page.evaluate(
        """() => [...document.querySelectorAll("a, button")]
            .filter((key) => key.checkVisibility() && !key.closest(".foot, .skip"))
            .filter((key) => key.getBoundingClientRect().height < 40)
            .map((key) => key.outerHTML)"""
    )
    assert small == []

    page.goto(f"{page.url}#seventeen")
    page.locator(".tell").scroll_into_view_if_needed()
    sheet = page.locator("#seventeen")
    assert sheet.evaluate("sheet => sheet.scrollWidth") <= width
    assert sheet.evaluate("sheet => sheet.getBoundingClientRect().height") == height
    page.get_by_role("button", name="J'appelle d'un autre téléphone").click(trial=True)


def gzipped(window: Window, url: str) -> int:
    """How many bytes travel to a browser that knows gzip and no brotli."""
    answer = window.context.request.get(url, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    return int(answer.headers["content-length"])


def test_the_first_view_is_light(stage: Stage, browser: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    story = stage.play("rescue", steps=1_000)
    window = browser.phone()
    page = stage.open(window, story["links"]["Nadia"])
    asked: dict[str, None] = {}  # the first page's icon may come late and twice
    page.on("request", lambda request: asked.setdefault(request.url))
    page.goto(page.url)
    expect(page.locator(".map-keys")).to_be_visible()

    names = ("/css/", "leaflet.", "icons/")
    first = [url for url in asked if url == page.url or any(name in url for name in names)]
    weight = sum(gzipped(window, url) for url in first)
    with capsys.disabled():
        print(f"\nfirst view: {len(first)} requests, {weight} bytes; in all: {len(asked)} requests")  # noqa: T201
    assert len(first) <= MOST_REQUESTS
    assert weight <= MOST_BYTES
    assert len(asked) <= MOST_REQUESTS_IN_ALL
