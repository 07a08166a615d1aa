"""Scripts and style sheets as they travel: lighter, and still the same."""

import gzip
import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from django.conf import settings
from django.test import override_settings

from sherif_web import joining, lightening
from sherif_web.lightening import JOINED
from sherif_web.staticfiles import collect_if_changed

STATIC = Path(settings.BASE_DIR) / "static"
MODULES = sorted(str(path.relative_to(STATIC)) for path in STATIC.glob("js/**/*.js"))
SHEETS = sorted(str(path.relative_to(STATIC)) for path in STATIC.glob("css/*.css"))
# Both programs as trees without places: any difference is printed as the names of the modules.
COMPARE = """
import { parse } from "acorn";
import { readFileSync } from "node:fs";
const tree = (text) => JSON.stringify(
    parse(text, { ecmaVersion: "latest", sourceType: "module" }),
    (key, value) => key === "start" || key === "end" ? undefined : typeof value === "bigint" ? `${value}n` : value,
);
const pairs = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(Object.keys(pairs).filter((name) => tree(pairs[name][0]) !== tree(pairs[name][1]))));
"""


def read(name: str) -> str:
    return (STATIC / name).read_text(encoding="utf-8")


def lighter(name: str) -> str:
    text = lightening.lighter(name, read)
    assert text is not None
    return text


def changed(pairs: Mapping[str, tuple[str, str]]) -> list[str]:
    """The names of the modules that are not the same program twice."""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", COMPARE],
        cwd=settings.BASE_DIR,
        input=json.dumps(pairs),
        capture_output=True,
        text=True,
        check=True,
    )
    names: list[str] = json.loads(done.stdout)
    return names


def test_every_module_is_the_same_program_as_before() -> None:
    pairs = {name: (joining.script(name, read) if name in JOINED else read(name), lighter(name)) for name in MODULES}
    pairs["js/broken.js"] = ("export const one = 1;", "export const one = 2;")

    assert changed(pairs) == ["js/broken.js"]


def test_modules_lose_their_comments_and_a_third_of_their_weight() -> None:
    alone = [name for name in MODULES if name not in JOINED]
    before = "".join(map(read, alone))
    after = "".join(map(lighter, alone))

    assert "@param" not in after
    assert len(after) < len(before) * 2 / 3


@pytest.mark.parametrize("name", SHEETS)
def test_a_style_sheet_keeps_its_rules(name: str) -> None:
    text = joining.sheet(name, read)

    assert "@import" not in text
    assert lighter(name).count("{") == text.count("{") > 0


def test_files_of_others_stay_as_they_are() -> None:
    assert lightening.lighter("vendor/leaflet/leaflet.js", read) is None
    assert lightening.lighter("icons/notes.svg", read) is None


def test_what_is_compressed_smallest_is_read_by_every_gunzip() -> None:
    text = (STATIC / "vendor/leaflet/leaflet.js").read_bytes()
    small = lightening.SmallestCompressor.compress_gzip(text)

    assert gzip.decompress(small) == text
    assert len(small) < 0.97 * len(gzip.compress(text, 9))


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Path]:
    """A page with two modules and two sheets, collected into a folder of its own."""
    files = {
        "js/pages/one.js": '// Why.\nimport { two } from "../parts/two.js";\n\nexport const three = two + 1;\n',
        "js/parts/two.js": "export const two = 2; // Because.\n",
        "css/all.css": '@import "ground.css";\na { color: red; }\n' + "b { color: red; }\n" * 20,
        "css/ground.css": "/* Below. */\nhtml { color: black; }\n",
    }
    for name, text in files.items():
        (tmp_path / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "source" / name).write_text(text, encoding="utf-8")
    with override_settings(
        STATIC_ROOT=tmp_path / "collected",
        STATICFILES_DIRS=[tmp_path / "source"],
        STATICFILES_FINDERS=["django.contrib.staticfiles.finders.FileSystemFinder"],
        STORAGES={**settings.STORAGES, "staticfiles": {"BACKEND": "sherif_web.staticfiles.HashedStaticFiles"}},
    ):
        yield tmp_path


def test_what_is_collected_is_light_hashed_and_made_once(installation: Path) -> None:
    assert collect_if_changed()
    collected = installation / "collected"
    hashed = json.loads((collected / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    sheet, module = collected / hashed["css/all.css"], collected / hashed["js/pages/one.js"]

    assert sheet.read_text(encoding="utf-8").startswith("html{color:black}a{color:red}")
    assert gzip.decompress(Path(f"{sheet}.gz").read_bytes()) == sheet.read_bytes()
    assert f'from "../{hashed["js/parts/two.js"].removeprefix("js/")}"' in module.read_text(encoding="utf-8")
    assert "Why" not in module.read_text(encoding="utf-8")

    assert not collect_if_changed()
    source = installation / "source/css/ground.css"
    os.utime(source, (1, 1))
    assert collect_if_changed()
