"""Lighthouse 12 in a Chromium that has opened the personal link: a mid-range telephone on slow 4G, as it makes one."""

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.browser import ARGUMENTS, path
from tests.server import free_port

CATEGORIES = ("performance", "accessibility", "best-practices")
RUNS = 5
_FOLDER = Path(__file__).parent / "lighthouse"
_PROGRAM = _FOLDER / "node_modules/.bin/lighthouse"
_SECONDS = 180


def install() -> None:
    """Fetch the pinned release where it is missing. Raises CalledProcessError without npm or its registry."""
    if not _PROGRAM.exists():
        npm = shutil.which("npm") or "npm"
        subprocess.run([npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=_FOLDER, check=True)


@contextmanager
def telephone(profile: Path) -> Iterator[tuple[Page, int]]:
    """A page of a Chromium with a profile of its own, and the port at which Lighthouse finds that profile's cookies."""
    port = free_port()
    with sync_playwright() as playwright:
        context: BrowserContext = playwright.chromium.launch_persistent_context(
            profile, executable_path=path(), args=[*ARGUMENTS, f"--remote-debugging-port={port}"], locale="fr-FR"
        )
        try:
            yield context.new_page(), port
        finally:
            context.close()


def judge(address: str, port: int) -> Mapping[str, float]:
    """The median score of each category, from 0 to 100; mobile form, slow 4G simulated, cold cache."""
    told = [_once(address, port) for _ in range(RUNS)]
    return {name: statistics.median(scores[name] for scores in told) for name in CATEGORIES}


def _once(address: str, port: int) -> Mapping[str, float]:
    options = [f"--port={port}", "--output=json", "--quiet", f"--only-categories={','.join(CATEGORIES)}"]
    command = [str(_PROGRAM), address, *options]
    done = subprocess.run(command, check=False, capture_output=True, timeout=_SECONDS)
    if done.returncode:  # its connection to the browser is lost now and then
        print(done.stderr.decode()[-1_000:], file=sys.stderr)
        done = subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)
    report = json.loads(done.stdout)
    if report.get("runtimeError"):
        raise RuntimeError(f"Lighthouse: {report['runtimeError']['code']}")
    return {name: 100 * report["categories"][name]["score"] for name in CATEGORIES}
