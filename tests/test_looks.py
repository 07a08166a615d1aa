"""Colours that everybody can read, and a style sheet that a slow network carries: computed from the files."""

import gzip
import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parent.parent / "static/css"
BACKGROUNDS = ("ground", "surface", "raised")
TEXTS = ("ink", "quiet", "accent", "danger", "notice", "live", "late", "lost")
FILLED = (("accent-ink", "accent"), ("danger-ink", "danger"))
DARK, MORE = "(prefers-color-scheme: dark)", "(prefers-contrast: more)"
SCHEMES = {
    "light": ("",),
    "dark": ("", DARK),
    "light, more contrast": ("", MORE),
    "dark, more contrast": ("", DARK, MORE, f"{MORE} and {DARK}"),
}
TEXT, SEVENTEEN, SHAPE = 4.5, 7.0, 3.0  # WCAG 2.2: 1.4.3, 1.4.6, 1.4.11
MORE_TEXT, MORE_SEVENTEEN = 7.0, 10.0  # for who asks for more: 1.4.6 everywhere


def tokens(scheme: str) -> dict[str, str]:
    """Every token of a scheme as #rrggbb or as written."""
    text = re.sub(r"/\*.*?\*/", "", (CSS / "tokens.css").read_text(encoding="utf-8"), flags=re.DOTALL)
    told: dict[str, str] = {}
    for condition, rules in re.findall(r"(?:@media ([^{]+?) \{\s*)?:root \{(.*?)\}", text, flags=re.DOTALL):
        if condition in SCHEMES[scheme]:
            told |= {name: value.strip() for name, value in re.findall(r"--([\w-]+):\s*([^;]+);", rules)}
    return told


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb (WCAG 2.2)."""
    assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_contrast_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_is_readable_on_every_ground(scheme: str) -> None:
    known = tokens(scheme)
    pairs = [(text, ground) for text in TEXTS for ground in BACKGROUNDS] + list(FILLED)

    least = MORE_TEXT if MORE in SCHEMES[scheme] else TEXT
    faint = [pair for pair in pairs if contrast(known[pair[0]], known[pair[1]]) < least]

    assert faint == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_17_is_readable_by_who_sees_badly(scheme: str) -> None:
    known = tokens(scheme)

    least = MORE_SEVENTEEN if MORE in SCHEMES[scheme] else SEVENTEEN
    assert contrast(known["seventeen-ink"], known["seventeen"]) >= least
    assert contrast(known["danger-ink"], known["danger"]) >= least


@pytest.mark.parametrize("scheme", SCHEMES)
def test_edges_of_fields_and_the_focus_are_seen(scheme: str) -> None:
    known = tokens(scheme)

    for edge in ("quiet", "focus", "danger", "notice"):
        assert all(contrast(known[edge], known[ground]) >= SHAPE for ground in BACKGROUNDS)


@pytest.mark.parametrize("scheme", [name for name in SCHEMES if MORE in SCHEMES[name]])
def test_who_asks_for_more_contrast_sees_every_edge(scheme: str) -> None:
    known = tokens(scheme)

    assert all(contrast(known["line"], known[ground]) >= MORE_TEXT for ground in BACKGROUNDS)


def test_type_grows_by_a_quarter_and_distances_by_eight_pixels() -> None:
    known = tokens("light")
    sizes = [float(known[f"type-{step}"].removesuffix("rem")) for step in (1, 2, 3, 4)]

    assert sizes == pytest.approx([1.25**step for step in range(4)], rel=0.001)
    assert (known["step"], known["target"]) == ("8px", "48px")


def test_colours_chosen_by_the_system_replace_every_colour() -> None:
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    forced = dict(re.findall(r"--([\w-]+):\s*([A-Z]\w+);", text.split("(forced-colors: active)")[1]))
    colours = {name for name, value in tokens("light").items() if value.startswith("#")}

    assert set(forced) == colours
    assert set(forced.values()) <= {"Canvas", "CanvasText", "LinkText", "ButtonFace", "ButtonText", "Highlight"}


def test_the_dark_scheme_names_every_colour_that_must_change() -> None:
    light, dark = tokens("light"), tokens("dark")
    colours = {name for name, value in light.items() if value.startswith("#")}

    unchanged = {name for name in colours if light[name] == dark[name]}

    assert unchanged == {"seventeen", "seventeen-ink"}


@pytest.mark.parametrize("sheet", sorted(CSS.glob("*.css")), ids=lambda path: path.name)
def test_a_style_sheet_uses_tokens_that_exist(sheet: Path) -> None:
    text = sheet.read_text(encoding="utf-8")
    own = set(re.findall(r"(--[\w-]+)\s*:", text))
    known = {f"--{name}" for name in tokens("light")} | own

    assert set(re.findall(r"var\((--[\w-]+)\)", text)) <= known


@pytest.mark.parametrize("sheet", ["base.css", "profile.css"])
def test_a_text_is_written_in_a_colour_whose_contrast_is_computed(sheet: str) -> None:
    text = (CSS / sheet).read_text(encoding="utf-8")
    computed = {*TEXTS, "accent-ink", "danger-ink", "seventeen-ink"}

    written = re.findall(r"(?<![-\w])color:\s*([^;}]+)[;}]", text)

    assert written
    assert {colour.strip() for colour in written} <= {f"var(--{name})" for name in computed} | {"inherit"}


def test_the_ground_of_every_page_weighs_less_than_4_kb() -> None:
    together = b"".join((CSS / name).read_bytes() for name in ("tokens.css", "base.css"))

    assert len(gzip.compress(together, 9)) < 4096
