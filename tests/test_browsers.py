"""The browsers of the tests: one that overlooks a foreign host, or a field without a name, proves nothing."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.browser import Browser
from tests.firefox import Firefox

HEAD = '<!doctype html><html lang="fr"><title>Essai</title><link rel="icon" href="data:,"><h1>Essai</h1>'
PAGES = {
    "/quiet": "<form action='/quiet'><label>Nom <input name='n'></label> <button>Envoyer</button></form>",
    "/foreign": "<img alt='' src='http://elsewhere.example/x.png'>",
    "/refused": "<script>document.title = 'ran';</script>",
    "/uncaught": "<script nonce='n'>throw new Error('lost');</script>",
    "/console": "<script nonce='n'>console.error('lost');</script>",
    "/unlabelled": "<input name='n'>",
}
POLICY = "default-src 'self'; img-src * data:; script-src 'nonce-n'"


class _Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = PAGES.get(self.path.partition("?")[0])
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write((HEAD + (body or "")).encode())

    def log_message(self, *args: object) -> None:
        """Say nothing: pytest's output is for tests."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


FAULTS = [
    ("/foreign", "asked elsewhere.example"),
    ("/refused", "inline script"),
    ("/uncaught", "lost"),
    ("/console", "lost"),
    ("/absent", "404"),
]


@pytest.mark.journey
@pytest.mark.parametrize(("page", "complaint"), FAULTS)
def test_chromium_complains(browser: Browser, site: str, page: str, complaint: str) -> None:
    window = browser.phone()
    window.page.goto(site + page)
    window.page.wait_for_timeout(100)

    with pytest.raises(AssertionError, match=complaint):
        window.assert_clean()
    browser.close()


@pytest.mark.journey
def test_chromium_is_content_with_a_quiet_page(browser: Browser, site: str) -> None:
    for window in (browser.phone(), browser.desktop(), browser.dark(), browser.no_script()):
        window.page.goto(f"{site}/quiet")
        window.page.get_by_text("Envoyer").click()
        window.page.wait_for_url(f"{site}/quiet?n=")

    browser.windows[0].assert_accessible()


@pytest.mark.journey
def test_axe_sees_a_field_without_a_label(browser: Browser, site: str) -> None:
    window = browser.phone()
    window.page.goto(f"{site}/unlabelled")

    with pytest.raises(AssertionError, match="label"):
        window.assert_accessible()


@pytest.mark.journey
def test_firefox_clicks_types_and_goes_offline(firefox: Firefox, site: str, tmp_path: Path) -> None:
    tab = firefox.phone()
    tab.open(f"{site}/quiet")
    tab.type("input", "Zoé")
    tab.click("button")
    tab.wait_for_text("Essai")
    tab.screenshot(tmp_path / "seen.png")

    assert tab.address() == f"{site}/quiet?n=Zo%C3%A9"
    assert tab.evaluate("innerWidth") == 390
    assert (tmp_path / "seen.png").read_bytes().startswith(b"\x89PNG")
    firefox.assert_clean()
    tab.go_offline()
    assert tab.evaluate("fetch('/quiet').then(() => 'came', () => 'lost')") == "lost"
    tab.go_online()
    assert tab.evaluate("fetch('/quiet').then(() => 'came', () => 'lost')") == "came"


@pytest.mark.journey
def test_firefox_complains(firefox: Firefox, site: str) -> None:
    for page, complaint in FAULTS:
        tab = firefox.desktop()
        tab.open(site + page)
        tab.wait_for_text("Essai")
        with pytest.raises(AssertionError, match=complaint):
            firefox.assert_clean()
    firefox.record.complaints.clear()
    firefox.record.hosts.clear()
