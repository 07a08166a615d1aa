"""A paper as a page to print (PDF), set by typst in a process of its own.

The text reaches typst as values, never as its markup: nothing that people wrote is read as a command. The process has
no secret in its environment, a short time, and the lowest priority; of a process of the service it keeps one thread
for that time, and a second paper is refused meanwhile. An alert never waits for a paper.
"""

import json
import os
import resource
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path

import typst

from alerts.papers import Paper, plain

SECONDS = 15
MOST_ROWS = 3_000
_TEMPLATE = Path(__file__).parent / "paper.typ"
_ROOT = Path(__file__).parent.parent.parent
_NICE = 10
_one = threading.Lock()


class PressError(Exception):
    """No page came out: typst failed or took too long."""


class BusyError(PressError):
    """Another paper is being set: try again in a few seconds."""


def write(paper: Paper, *, seconds: float = SECONDS) -> bytes:
    """The PDF. Raises BusyError while this process has another one set, PressError if none came within the time.

    Of more than 3,000 rows the newest are set.
    """
    if not _one.acquire(blocking=False):
        raise BusyError("another paper is being set")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "alerts.papers.press"],
            cwd=_ROOT,
            env={"LANG": "C.UTF-8"},
            input=_as_json(paper).encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PressError(f"no paper within {seconds} s") from None
    finally:
        _one.release()
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        raise PressError(f"typst ended with {done.returncode}")
    return done.stdout


def _as_json(paper: Paper) -> str:
    facts = asdict(paper)
    for name in ("title", "foot"):
        facts[name] = plain(facts[name])
    for name in ("facts", "columns"):
        facts[name] = [plain(text) for text in facts[name]]
    facts["rows"] = [[plain(cell) for cell in row] for row in paper.rows[-MOST_ROWS:]]
    return json.dumps(facts)


def main() -> None:
    """Read a paper as JSON, write the PDF: the other end of `write`."""
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    inputs = {"paper": sys.stdin.buffer.read().decode()}
    sys.stdout.buffer.write(typst.compile(_TEMPLATE.read_bytes(), sys_inputs=inputs, ignore_system_fonts=True))


if __name__ == "__main__":
    main()
