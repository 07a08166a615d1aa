"""Sheets and modules that travel as one file do what they did apart."""

import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from sherif_web import joining
from sherif_web.lightening import JOINED

STATIC = Path(settings.BASE_DIR) / "static"
NEEDED = re.compile(r'^(?:import|export)[^;(]*?"(\.[^"]+)";', re.MULTILINE)
LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
MODULES = {
    "js/pages/page.js": """
import "../parts/first.js";
import { more, Story as Tale } from "../parts/second.js";
import * as pure from "../pure/pure.js";

const own = 1;
console.log(JSON.stringify([own, more(), new Tale().words(), pure.own, globalThis.asked]));
import("../parts/later.js").then(({ later }) => console.log(later()));
""",
    "js/parts/first.js": """
import { own } from "../pure/pure.js";
globalThis.asked = [own];
""",
    "js/parts/second.js": """
import {
  own,
  second as other,
} from "../pure/pure.js";

export async function later() {
  const { later: said } = await import("./later.js");
  return said();
}

export function more() {
  return own + other();
}

export class Story {
  words() {
    return "export const nothing = `import`";
  }
}
globalThis.asked.push("second");
""",
    "js/parts/later.js": """
import { own } from "../pure/pure.js";

export const later = () => `later ${own}`;
""",
    "js/pure/pure.js": """
export const own = 20;

/** Hoisted: @type {import("./types.d.ts").Nothing} */
export function second() {
  return third();
}

function third() {
  return 3;
}
""",
}


def read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def said(folder: Path) -> str:
    """What the page says when it runs."""
    done = subprocess.run(["node", "js/pages/page.js"], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout


def test_joined_modules_say_what_they_said_apart(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    apart = said(tmp_path)

    page = joining.script("js/pages/page.js", MODULES.__getitem__)
    (tmp_path / "js/pages/page.js").write_text(page, encoding="utf-8")

    assert apart == '[1,23,"export const nothing = `import`",20,[20,"second"]]\nlater 20\n'
    assert said(tmp_path) == apart
    assert page.count("function third") == 1
    assert 'import("../parts/later.js")' in page
    assert 'import("./later.js")' not in page


@pytest.mark.parametrize(
    "odd",
    [
        "export default 1;",
        "export let one = 1;",
        'export { one } from "./b.js";',
        'import one from "./b.js";',
        "import { one } from './b.js';",
        'import { one } from "react";',
        "const here = import.meta.url;",
    ],
)
def test_a_form_that_is_not_understood_is_refused(odd: str) -> None:
    files = {"js/a.js": f"{odd}\n", "js/b.js": "export const one = 1;\n"}
    with pytest.raises(joining.JoiningError, match=r"js/a\.js"):
        joining.script("js/a.js", files.__getitem__)


def test_what_imports_itself_is_refused() -> None:
    circle = {"js/a.js": 'import "./b.js";\n', "js/b.js": 'import "./a.js";\n'}
    with pytest.raises(joining.JoiningError, match=r"js/a\.js -> js/b\.js -> js/a\.js"):
        joining.script("js/a.js", circle.__getitem__)

    sheets = {"css/a.css": '@import "b.css";', "css/b.css": '@import "a.css";'}
    with pytest.raises(joining.JoiningError, match=r"css/a\.css -> css/b\.css -> css/a\.css"):
        joining.sheet("css/a.css", sheets.__getitem__)


def test_a_sheet_that_would_lose_its_pictures_is_refused() -> None:
    abroad = {"css/a.css": '@import "../vendor/b.css";', "vendor/b.css": "a { background: url(b.png) }"}
    with pytest.raises(joining.JoiningError, match=r"vendor/b\.css"):
        joining.sheet("css/a.css", abroad.__getitem__)


@pytest.mark.parametrize("entry", JOINED)
def test_what_a_page_loads_later_keeps_nothing_that_the_page_keeps_too(entry: str) -> None:
    """A module that travels twice runs twice: harmless for pure ones, which remember nothing."""
    at_once, later = modules(entry)
    shared = at_once & {name for one in later for name in modules(one)[0]}

    assert later
    assert {name for name in shared if not name.startswith("js/pure/")} == set()


def modules(name: str) -> tuple[set[str], set[str]]:
    """The modules that this one needs, itself included, and those that they load later."""
    at_once, later, ahead = set[str](), set[str](), [name]
    while ahead:
        one = ahead.pop()
        if one not in at_once:
            at_once.add(one)
            ahead += _named(one, NEEDED)
            later |= set(_named(one, LATER))
    return at_once, later


def _named(name: str, form: re.Pattern[str]) -> list[str]:
    folder = (STATIC / name).parent
    return [str((folder / found).resolve().relative_to(STATIC)) for found in form.findall(read(name))]
