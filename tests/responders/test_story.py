"""What happened, as responders read it: folded on the page, filtered without scripts, whole after the end."""

import html
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from alerts.domain import alerting, responding, stories
from alerts.models import Alert
from alerts.states import AlertState, EventKind
from tests.people import NADIA, PAUL, THOMAS, YANN
from tests.responders.scenes import climb, cut_off, link_of, open_place, rescue

pytestmark = pytest.mark.django_db
CASES: Mapping[str, Any] = json.loads((Path(__file__).parent / "story_cases.json").read_text(encoding="utf-8"))


def line(text: str) -> dict[str, Any]:
    sequence, kind, *message = text.split(" ")
    told = dict(zip(("round", "to", "way", "outcome"), message, strict=False)) or None
    return {"sequence": int(sequence), "kind": kind, "message": told}


def spoken(entry: stories.Line | stories.Fold) -> str:
    if not isinstance(entry, stories.Fold):
        return str(entry["sequence"])
    lines = " ".join(str(one["sequence"]) for one in entry.lines)
    return f"{entry.round} {lines}: {stories.summary(entry, CASES['words'])}"


@pytest.mark.parametrize("case", CASES["cases"])
def test_the_messages_of_a_round_are_one_line(case: Mapping[str, Any]) -> None:
    assert [spoken(entry) for entry in stories.fold([line(text) for text in case["lines"]])] == case["folded"]


def test_of_a_long_alert_the_first_view_drops_the_oldest_receipts_alone() -> None:
    lines = [
        line(text) for text in ("9 go", "8 delivered click 1 sms received", "7 accepted click 1 sms sent", "1 opened")
    ]

    assert [one["sequence"] for one in stories.kept(lines, most=3)] == [9, 8, 1]
    assert [one["sequence"] for one in stories.kept(lines, most=1)] == [9, 1]
    assert stories.kept(lines, most=9) == lines


def listed(page: str) -> list[str]:
    """The lines of the list as a reader without scripts sees them, the folds closed."""
    begun = page.index('id="timeline"')
    inside = page[begun : page.index("</section>", begun)]
    folded = re.sub(r"</summary>.*?</details>", "</summary></details>", inside, flags=re.DOTALL)
    items = re.findall(r"<li.*?</li>", folded, flags=re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", item)).strip() for item in items]


def test_three_rounds_to_five_people_stay_readable() -> None:
    alert = rescue()
    climb(alert)
    place, nadia = open_place(alert, NADIA)

    lines = listed(nadia.get(place).content.decode())

    assert len(lines) <= 9
    said = [text[5:].strip() for text in lines]
    assert said[1] == "Envoi à 5 personnes, reçus : 10"
    assert said[2].startswith("Personne n'a pris en charge : nouvel appel à Nadia, Thomas")


def test_a_line_says_what_it_is_about_for_the_filter_and_for_the_script() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    page = nadia.get(place).content.decode()

    assert re.search(r'<li data-about="people" data-line="\d+ opened"', page)
    assert page.count('type="radio" name="story"') == 4
    assert '"timeline": []' in page, "the list is the only copy that travels"


def ended(alert: Alert, to: AlertState = AlertState.CLOSED) -> None:
    alerting.close(alert, to, reason="safe", now=timezone.now())


def test_after_the_end_the_whole_story_is_taken_away_in_the_reader_s_language() -> None:
    alert = rescue()
    place, yann = open_place(alert, YANN)
    note = responding.Act(by="page", note="=1+1")
    responding.note(alert.pk, link_of(alert, THOMAS).contact, note, kind=EventKind.GO, now=timezone.now())
    ended(alert)
    page = yann.get(place).content.decode()

    table, printed = (yann.get(f"{place}story.{ending}") for ending in ("csv", "pdf"))

    assert f'href="{place}story.pdf"' in page
    assert f'href="{place}story.csv"' in page
    assert printed.content.startswith(b"%PDF-")
    text = table.content.decode()
    assert "Thomas" in text
    assert "Thomas y va" not in text
    assert table["Content-Disposition"].startswith('attachment; filename="')
    assert not re.search(r"\d{2}\.\d{4}", text), "no position after the end"
    assert "+33" not in text


def test_while_the_alert_goes_on_nobody_takes_anything_away() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    ended(alert, AlertState.CLOSED_UNDER_DURESS)

    answer = nadia.get(f"{place}story.csv")

    assert (answer.status_code, answer["Location"]) == (302, place)


def test_under_duress_and_at_its_cap_the_story_says_so() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    ended(alert, AlertState.CLOSED_UNDER_DURESS)
    alerting.expire(Alert.objects.get(pk=alert.pk), now=timezone.now())

    assert "contrainte" in nadia.get(f"{place}story.csv").content.decode()


@pytest.mark.parametrize("ending", ["csv", "pdf"])
def test_paul_who_was_cut_off_and_who_comes_too_late_read_what_strangers_read(ending: str) -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    ended(alert)
    stranger = Client().get(f"/alert/{PAUL.name}/story.{ending}").content

    assert nadia.get(f"{place}story.exe").status_code == 404
    cut_off(alert, NADIA)
    assert (answer := nadia.get(f"{place}story.{ending}")).status_code == 404
    assert _page(answer.content) == _page(stranger)

    other, thomas = open_place(late := rescue("lea"), THOMAS)
    ended(late)
    Alert.objects.filter(pk=late.pk).update(ended_at=timezone.now() - timedelta(hours=24))
    assert thomas.get(f"{other}story.{ending}").status_code == 404


def _page(body: bytes) -> str:
    return re.sub(r'nonce="[^"]*"', "", body.decode())
