"""A thumb, two eyes and a clock: what a way through pages costs somebody who meets them for the first time.

The keystroke-level model (Card, Moran, Newell 1980) with the figures of a telephone: a character typed with the thumb
takes 0.4 s, a tap with the search for its place 2 s, and a page that comes up 8 s of reading; a page that must be read
whole takes 8 s for each screen of it. Choosing from a list is two taps. What is pasted or drawn costs nothing more.
"""

import math
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

CHARACTER, TAP, SCREEN = 0.4, 2.0, 8.0  # seconds


@dataclass
class Hand:
    """Whoever holds this page; it counts what is done with it from now on."""

    page: Page
    taps: int = 0
    characters: int = 0
    screens: int = 0
    path: list[str] = field(default_factory=list)
    """The headings that came up, in their order."""

    @property
    def seconds(self) -> float:
        """What all of it takes, by the model."""
        return self.characters * CHARACTER + self.taps * TAP + self.screens * SCREEN

    def open(self, address: str) -> None:
        """Type an address into the browser."""
        self.taps += 1
        self.characters += len(address)
        self.page.goto(address)
        self.arrive()

    def tap(self, target: Locator) -> None:
        """Touch something that stays on this page."""
        self.taps += 1
        target.click()

    def go(self, target: str | Locator) -> None:
        """Touch a button or a link that leads to another page, given as itself or by its words."""
        self.taps += 1
        with self.page.expect_event("load"):
            self._found(target).click()
        self.arrive()

    def arrive(self) -> None:
        """Another page came up."""
        self.screens += 1
        self.path.append(self.page.locator("h1").first.inner_text())

    def type(self, name: str, text: str) -> None:
        """Touch a field and fill it in."""
        self.taps += 1
        self.characters += len(text)
        self.page.fill(f"[name={name}]", text)

    def choose(self, name: str, value: str) -> None:
        """Open a list and touch one of its lines."""
        self.taps += 2
        self.page.select_option(f"[name={name}]", value)

    def read_whole(self) -> None:
        """Scroll to the end of a page that nobody should skip."""
        self.screens += math.ceil(self.page.evaluate("document.documentElement.scrollHeight / innerHeight")) - 1

    def _found(self, target: str | Locator) -> Locator:
        if isinstance(target, Locator):
            return target
        return self.page.locator("main :is(a, button)", has_text=target).first
