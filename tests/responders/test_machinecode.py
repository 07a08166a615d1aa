"""The media core in machine code runs where it was made of these very sources, and nowhere else."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.media import media_process

ROOT = Path(__file__).resolve().parent.parent.parent
_ASK = """
from responders import machinecode
print(machinecode.use())
from responders.sfu import bucket
print(bucket.__file__.endswith(".py"), bucket.Throttle(0.5).ask(1.0))
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A checkout whose media core has one module."""
    for name in ("scripts/compile", "responders/__init__.py", "responders/machinecode.py", "responders/sfu/bucket.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "responders/sfu/__init__.py").touch()
    return tmp_path


def python(*what: str, where: Path, environment: Mapping[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Run it there."""
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
    command = [sys.executable, *what]
    return subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)


def test_machine_code_runs_until_a_source_changes(small: Path) -> None:
    assert python("-c", _ASK, where=small).stdout.split() == ["False", "True", "True"]
    assert python("scripts/compile", where=small).returncode == 0
    assert python("-c", _ASK, where=small).stdout.split() == ["True", "False", "True"]
    with (small / "responders/sfu/bucket.py").open("a", encoding="ascii") as source:
        source.write("# another thought\n")
    assert python("-c", _ASK, where=small).stdout.split() == ["False", "True", "True"]
    assert python("scripts/compile", "--remove", where=small).returncode == 0
    assert not (small / ".compiled").exists()


def test_where_no_compiler_works_the_sources_run_and_it_is_said(small: Path) -> None:
    failed = python("scripts/compile", where=small, environment={"CC": "false"})
    assert failed.returncode == 1
    assert "'false'" in failed.stderr
    assert python("-c", _ASK, where=small).stdout.split() == ["False", "True", "True"]
    assert not list((small / ".compiled").iterdir())


def test_machine_code_is_chosen_before_the_core_is_imported(small: Path) -> None:
    python("scripts/compile", where=small)
    late = python("-c", "import responders.sfu\nfrom responders import machinecode\nmachinecode.use()", where=small)
    assert "RuntimeError: the media core was imported before" in late.stderr


def test_the_media_process_runs_in_machine_code() -> None:
    assert python("scripts/compile", where=ROOT).returncode == 0  # at once, if it was made before
    with media_process() as media:
        assert "responders_sfu__mypyc" in Path(f"/proc/{media.pid}/maps").read_text(encoding="utf-8")
        assert "runs in machine code" in media.said
