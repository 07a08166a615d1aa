"""The loop that carries the media."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SAYS = """
import gc
from responders.sfu import run
async def main() -> None:
    print(gc.get_freeze_count() > len(gc.get_objects()) + 10_000)
run(main())
"""


def test_the_collector_does_not_look_through_everything_that_was_loaded_while_somebody_speaks() -> None:
    said = subprocess.run([sys.executable, "-c", SAYS], cwd=ROOT, check=True, capture_output=True, text=True)
    assert said.stdout == "True\n"
