"""A mail as a page: it says what the text says, loads nothing, tells nobody, and people's words stay words."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser as Chromium

from alerts.domain import messages
from alerts.domain.messages import Place, Telling
from alerts.states import AlertKind, Channel, Occasion

LINK = "https://sos.exmpl.fr/r/" + "3fK9-_aZ" * 2 + "3fK9-_"
NINE = datetime(2026, 6, 1, 19, 4, tzinfo=UTC)  # 21:04 in Paris
HOSTILE = '"><img src=x onerror=alert(1)><a href="https://evil.example">17</a>{{ letter.link }}'
LEAST_CONTRAST = 4.5

_CONTRAST = """
() => {
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const rgb = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length === 3 || found[3] > 0) return found.slice(0, 3);
    }
    return [255, 255, 255];
  };
  return [...document.querySelectorAll('h1, p, a')].map((element) => {
    const [ink, paper] = [light(rgb(getComputedStyle(element).color).slice(0, 3)), light(ground(element))];
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
}
"""


def telling(**facts: object) -> Telling:
    """Marie, 21:04, Compiègne."""
    told = Telling(
        occasion=Occasion.CLICK,
        kind=AlertKind.RESCUE,
        name="Marie",
        at=NINE,
        time_zone="Europe/Paris",
        place=Place(text="Compiègne (60)", street="12 rue des Lombards"),
        link=LINK,
    )
    return replace(told, **facts)  # type: ignore[arg-type]


class Page(HTMLParser):
    """What a mail program sees: elements, addresses, words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the element and what it points at."""
        self.elements.append(tag)
        self.addresses += [str(value) for name, value in attrs if name in {"href", "src", "background", "action"}]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        """Note the words."""
        if self.elements[-1:] != ["style"]:
            self.words += f" {data}"


def page(told: Telling) -> Page:
    return Page(messages.compose(told, Channel.EMAIL).html)


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("occasion", [Occasion.CLICK, Occasion.UPGRADE, Occasion.ROUND_2, Occasion.END, Occasion.DRILL])
def test_the_page_says_what_the_text_says(occasion: Occasion, language: str) -> None:
    told = telling(occasion=occasion, language=language, drill=occasion is Occasion.DRILL, own_text="Rue du parc.")
    if occasion is Occasion.END:
        told = replace(told, link="")
    composed = messages.compose(told, Channel.EMAIL)
    words = flat(Page(composed.html).words)
    for paragraph in composed.text.split("\n\n"):
        for line in paragraph.strip().splitlines():
            assert flat(line) in words
    assert f'lang="{language}"' in composed.html


def test_a_mail_says_not_to_ring_her_also_beside_her_own_words() -> None:
    composed = messages.compose(telling(own_text="Je suis chez ma sœur."), Channel.EMAIL)
    for said in (composed.text, Page(composed.html).words):
        assert "N'appelez pas Marie." in said
        assert "Je suis chez ma sœur." in said
    assert "N'appelez pas" not in messages.compose(telling(phone_allowed=True), Channel.EMAIL).html


def test_the_link_is_the_only_address_and_stands_there_in_letters_too() -> None:
    seen = page(telling())
    assert seen.addresses == [LINK, LINK]
    assert LINK in seen.words


@pytest.mark.parametrize("occasion", [Occasion.END, Occasion.CORRECTION])
def test_an_end_carries_no_link(occasion: Occasion) -> None:
    assert page(telling(occasion=occasion, link="")).addresses == []


def test_a_drill_is_labelled_and_never_offers_the_17() -> None:
    for language in ("fr", "en"):
        told = telling(occasion=Occasion.DRILL, drill=True, language=language, own_text="appelez le 17")
        words = page(told).words
        assert ("EXERCICE" in words) or ("DRILL" in words)
        assert "17" not in words.replace(LINK, "")


def test_nothing_is_loaded_and_nobody_is_told_that_it_was_read() -> None:
    seen = page(telling(own_text=HOSTILE))
    assert not {"img", "script", "link", "iframe", "form", "video", "object", "svg"} & set(seen.elements)
    html = messages.compose(telling(), Channel.EMAIL).html
    assert not re.findall(r"url\(|@import|@font-face", html)
    assert set(re.findall(r"https?://[^\s\"'<]+", html)) == {LINK}


@given(st.tuples(*[st.one_of(st.text(max_size=80), st.just(HOSTILE))] * 4))
def test_words_of_people_stay_words(texts: tuple[str, str, str, str]) -> None:
    name, own, street, place = texts
    calm = page(telling(own_text="calme"))
    seen = page(telling(name=name, own_text=own, place=Place(text=place, street=street)))
    own_said = ["p"] if messages.clean_text(own) else []
    assert [one for one in seen.elements if one != "p"] == [one for one in calm.elements if one != "p"]
    assert seen.elements.count("p") == calm.elements.count("p") - 1 + len(own_said)
    assert seen.addresses == [LINK, LINK]
    assert seen.handlers == []


@pytest.mark.journey
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_mail_is_read_at_a_glance_on_any_screen(scheme: str, width: int, chromium: Chromium) -> None:
    told = telling(name="Maximilienne-Antoinette de la Tour", own_text="J" * 300)
    context = chromium.new_context(
        viewport={"width": width, "height": 844},
        color_scheme=scheme,  # type: ignore[arg-type]  # two of its words
        java_script_enabled=True,
    )
    try:
        shown = context.new_page()
        asked: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.set_content(messages.compose(told, Channel.EMAIL).html)
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        button = shown.locator("td.door a").bounding_box()
        assert button is not None
        assert button["height"] >= 48
        assert min(shown.evaluate(_CONTRAST)) >= LEAST_CONTRAST
        assert asked == []
    finally:
        context.close()
