"""Pictures of the live page in every state, for people to look at: `scripts/gallery`.

Each state is a story of its own in one running demonstration. A picture shows what a relative sees without touching
anything; the whole page of the telephone by day comes with it.
"""

import html
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page, expect

from tests.browser import Browser, Window, chromium
from tests.server import Server

SIZES = {"telephone": (390, 844), "small": (320, 568), "desk": (1280, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LATE, LOST = 90, 900  # seconds
Story = Mapping[str, Any]
Play = Callable[[Server, str], object]


@dataclass(frozen=True, kw_only=True)
class State:
    """One state: how the story begins, what happens then, what the page is asked to show."""

    name: str
    begins: Mapping[str, Any] = field(default_factory=lambda: {"steps": 60})
    before: Sequence[tuple[str, Mapping[str, Any]]] = ()
    after: Sequence[tuple[str, Mapping[str, Any]]] = ()
    fragment: str = ""
    scripts: bool = True
    shown: str = "#title"
    media: Mapping[str, Any] = field(default_factory=dict)
    door: bool = False


BUSY = (("act", {"name": "Thomas", "action": "take_charge"}), ("act", {"name": "Awa", "action": "go"}))
STATES: Sequence[State] = (
    State(name="link", door=True, shown="h1"),
    State(name="prevention", begins={"gesture": "single", "steps": 60}),
    State(name="rescue"),
    State(name="alarm", begins={"gesture": "long", "steps": 60}),
    State(name="busy", before=(*BUSY, ("act", {"name": "Thomas", "action": "call_17"}), ("bustle", {}))),
    State(name="seventeen", fragment="#seventeen", shown="#seventeen"),
    State(name="more", fragment="#more", shown="#more"),
    State(name="late", before=[("age", {"seconds": LATE})], shown="#fix[data-freshness=late]"),
    State(name="lost", before=[("age", {"seconds": LOST})], shown="#fix[data-freshness=lost]"),
    State(name="under-duress", after=[("close", {"to": "closed_under_duress"})], shown="#duress"),
    State(name="closed", after=[("close", {})], shown=".over #title"),
    State(name="expired", after=[("expire", {})], shown=".over #title"),
    State(name="drill", begins={"drill": True, "steps": 60}),
    State(name="no-script", scripts=False),
    State(name="more-contrast", media={"contrast": "more"}),
    State(name="system-colours", media={"forced_colors": "active"}),
)


def take(data_dir: Path, into: Path, *, only: Sequence[str] = ()) -> int:
    """Take the pictures of all states, or of those named, and write index.html beside them; how many were taken.

    Raises ValueError for a state that does not exist.
    """
    if unknown := set(only) - {state.name for state in STATES}:
        raise ValueError(f"no such state: {', '.join(sorted(unknown))}")
    states = [state for state in STATES if not only or state.name in only]
    if not only:
        shutil.rmtree(into, ignore_errors=True)
    into.mkdir(parents=True, exist_ok=True)
    taken = 0
    with Server(data_dir) as server, chromium() as running:
        for state in states:
            browser = Browser(running)
            taken += _photograph(opened(server, browser, state).page, into, state)
            browser.close()
    pictures = sorted(into.glob("*.png"))
    (into / "index.html").write_text(_index([path.name for path in pictures]), encoding="utf-8")
    return taken


def opened(server: Server, browser: Browser, state: State) -> Window:
    """Nadia's page of a story in this state."""
    story = server.play("rescue", **state.begins)
    for scene, options in state.before:
        server.play(scene, alert=story["alert"], **options)
    window = browser.phone(scripts=state.scripts)
    window.page.goto(server.url + story["links"]["Nadia"])
    if not state.door:
        _enter(window)
    for scene, options in state.after:
        server.play(scene, alert=story["alert"], **options)
    if state.fragment:
        window.page.goto(f"{window.page.url}{state.fragment}")
    expect(window.page.locator(state.shown).first).to_be_visible()
    return window


def _enter(window: Window) -> None:
    window.page.get_by_role("button", name="Ouvrir").click()
    window.page.wait_for_url("**/alert/*/")
    if window.scripts:
        expect(window.page.locator("#stream")).to_have_attribute("data-state", "live")


def _photograph(page: Page, into: Path, state: State) -> int:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, **state.media)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(400)  # the map draws itself anew in its new size
            page.screenshot(path=into / f"{state.name}.{size}.{scheme}.png")
    page.emulate_media(color_scheme="light", **state.media)
    page.set_viewport_size({"width": SIZES["telephone"][0], "height": SIZES["telephone"][1]})
    page.screenshot(path=into / f"{state.name}.whole.light.png", full_page=True)
    return len(SCHEMES) * len(SIZES) + 1


def _index(names: Sequence[str]) -> str:
    """All pictures on one page, a row for each state."""
    rows = []
    for state in (state.name for state in STATES):
        own = [name for name in names if name.startswith(f"{state}.")]
        figures = "".join(
            f'<figure><a href="{name}"><img src="{name}" alt="" loading="lazy"></a>'
            f"<figcaption>{html.escape(' '.join(name.split('.')[1:-1]))}</figcaption></figure>"
            for name in own
        )
        if own:
            rows.append(f"<h2>{html.escape(state)}</h2><div>{figures}</div>")
    style = (
        "body{font:16px system-ui;margin:24px;background:#888}div{display:flex;gap:16px;overflow-x:auto}"
        "figure{margin:0}img{height:480px;display:block}figcaption{padding:4px 0 16px}"
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title>'
        f"<style>{style}</style><h1>The live page in every state</h1>{''.join(rows)}</html>"
    )
