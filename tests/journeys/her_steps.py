"""What Marie, her advocate and her relatives do in their browsers, and where the tests find what was sent to them."""

import re
import sqlite3
import time
from contextlib import closing
from typing import Any

from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import Page, Route

from tests.browser import Window
from tests.people import PASSWORD
from tests.server import Server

Cast = dict[str, Any]


def sign_in(page: Page, server: Server, *, name: str, password: str) -> None:
    """Fill in the form of the sign-in."""
    page.goto(f"{server.url}/account/login/")
    page.fill("[name=login]", name)
    page.fill("[name=password]", password)
    page.click("main button.main")


def enter(window: Window, server: Server, cast: Cast) -> Page:
    """Marie signs in and gives her password again."""
    page = window.page
    sign_in(page, server, name=cast["victim"]["username"], password=cast["victim"]["password"])
    page.wait_for_url("**/profile/")
    page.goto(f"{server.url}/profile/codes/")
    page.fill("[name=password]", cast["victim"]["password"])
    page.click("main button.main")
    page.wait_for_url("**/profile/codes/")
    return page


def sign_up(page: Page, server: Server) -> str:
    """Somebody of her own makes an account; returns the pseudonym with its digits."""
    page.goto(f"{server.url}/account/signup/")
    for name, text in (("username", "lilas"), ("first_name", "Lila"), ("password1", PASSWORD), ("password2", PASSWORD)):
        page.fill(f"[name={name}]", text)
    page.click("main button.main")
    page.wait_for_url("**/profile/")
    found = re.search(r"lilas-\d+", page.inner_text("main .said"))
    assert found
    return found.group()


def stop_at_the_border(route: Route) -> None:
    """Let our own server end the session, and show here where it sends: the neutral site is foreign."""
    answer = route.fetch(max_redirects=0)
    cookies = {"set-cookie": answer.headers["set-cookie"]} if "set-cookie" in answer.headers else {}
    route.fulfill(body=answer.headers["location"], content_type="text/plain", headers=cookies)


def invited_by_karim(page: Page, server: Server, cast: Cast) -> tuple[str, str]:
    """Her advocate sets up a second factor and draws an invitation: the address and the code that he reads out."""
    sign_in(page, server, name=cast["advocate"]["username"], password=cast["advocate"]["password"])
    page.click("text=Personnes accompagnées")
    page.click("text=Application de codes")
    page.fill("[name=password]", cast["advocate"]["password"])
    page.click("main button.main")
    secret = page.inner_text("main p code")
    counter = next(iter(totp.yield_hotp_counters_from_time()))
    page.fill("[name=code]", totp.format_hotp_value(totp.hotp_value(secret, counter)))
    page.click("main button.main")
    page.click("text=C'est noté")
    page.goto(f"{server.url}/association/")
    page.click("text=Inviter une personne")
    return page.inner_text("main li strong"), page.inner_text(".paper code")


def link_to(server: Server, number: str, path: str) -> str:
    """The newest personal link under this path that was texted to a number; waits until it left."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for text in _texts_to(server, number):
            if found := re.search(rf"http\S+{path}\S+", text):
                return found.group()
        time.sleep(0.1)
    raise AssertionError(f"no link {path} for {number[-2:]}")


def _texts_to(server: Server, number: str) -> list[str]:
    query = "SELECT text FROM outbox WHERE channel = 'sms' AND recipient = ? ORDER BY number DESC"
    with closing(sqlite3.connect(server.data_dir / "outbox.sqlite3")) as outbox:
        try:
            return [text for (text,) in outbox.execute(query, (number,))]
        except sqlite3.OperationalError:  # nothing was ever sent: there is no table yet
            return []
