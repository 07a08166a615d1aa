"""A drill shows everything and calls nobody: no page of it, whatever was done on it, offers a number that rings."""

import json
import re
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin

import pytest
from django.test import Client
from django.utils import timezone

from alerts.domain import alerting
from alerts.models import Alert
from alerts.states import Action, AlertState
from tests.people import NADIA, THOMAS
from tests.responders.scenes import open_place, rescue, token_of

pytestmark = pytest.mark.django_db
RINGS = re.compile(r"""["'\s](tel|sms|smsto|facetime|whatsapp|callto):""")


def _walk(browser: Client, starts: list[str]) -> Iterator[tuple[str, str]]:
    """These pages and every one to which they lead, with its HTML; beyond the alert not farther than one step.

    Not through the quick exit, which closes the door behind itself.
    """
    waiting, seen = [*starts], {*starts, "/exit/"}
    while waiting:
        address = waiting.pop()
        answer = browser.get(address)
        html = answer.content.decode() if answer.headers.get("Content-Type", "").startswith("text/html") else ""
        yield address, html
        if not address.startswith(("/r/", "/alert/")):
            continue
        for found in re.findall(r"""(?:href|data-page)=["']([^"']+)["']""", html):
            link = urldefrag(urljoin(address, found))[0]
            if link.startswith("/") and not link.startswith("/static/") and link not in seen:
                seen.add(link)
                waiting.append(link)


@pytest.fixture
def drill() -> Alert:
    return rescue(drill=True)


def test_no_page_of_a_drill_offers_a_live_17_114_or_112(drill: Alert) -> None:
    place, nadia = open_place(drill, NADIA)
    doors = [f"/r/{token_of(drill, THOMAS)}", place, f"{place}seventeen"]

    pages = {address: html for address, html in _walk(nadia, doors) if html}

    assert {*doors, f"{place}room/page", "/privacy/"} <= pages.keys()
    assert [address for address, html in pages.items() if RINGS.search(html)] == []
    assert all("EXERCICE" in pages[door].upper() for door in doors)


@pytest.mark.parametrize("action", [str(action) for action in Action])
def test_no_answer_of_a_drill_offers_one_either(drill: Alert, action: str) -> None:
    place, nadia = open_place(drill, NADIA)
    there, thomas = open_place(drill, THOMAS)
    thomas.post(f"{there}act", {"action": "take_charge"})

    answer = nadia.post(f"{place}act", {"action": action}, follow=True)

    assert not RINGS.search(answer.content.decode())
    assert answer.redirect_chain or answer.status_code in {409, 422}


def test_a_drill_that_is_over_says_that_it_was_one_and_offers_none(drill: Alert) -> None:
    place, nadia = open_place(drill, NADIA)
    alerting.close(drill, AlertState.CLOSED, reason="safe", now=timezone.now())

    html = nadia.get(place).content.decode()

    assert not RINGS.search(html)
    assert "C'était un exercice" in html.replace("&#x27;", "'")


def test_a_real_alert_is_what_this_walk_would_notice() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    doors = [f"/r/{token_of(alert, THOMAS)}", place, f"{place}seventeen"]

    rings = [address for address, html in _walk(nadia, doors) if RINGS.search(html)]

    assert {*doors, "/legal/"} == {*rings}
    assert len(re.findall(r"tel:17", nadia.get(place).content.decode())) == 2


def test_the_snapshot_of_a_drill_names_no_number(drill: Alert) -> None:
    place, nadia = open_place(drill, NADIA)

    assert not RINGS.search(json.dumps(nadia.get(f"{place}snapshot").json()))
