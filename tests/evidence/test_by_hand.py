"""The commands that the experts' page prints are run as they stand there."""

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.evidence import stamps
from tests.authority import tsa
from tests.evidence.scenes import PATH, Expert, Telephone
from tests.evidence.test_expert import flipped, renewed
from tests.server import ROOT

PAGE = (ROOT / "docs" / "evidence-for-experts.md").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Expert:
    """Two seconds, stamped."""
    telephone = Telephone(tmp_path / "root", now=datetime.now(UTC) - timedelta(seconds=10))
    telephone.opens()
    telephone.sends(range(2))
    telephone.closes(2)
    with tsa(tmp_path / "authority") as one:
        stamps.take(telephone.folder / "manifest", one.authority, now=datetime.now(UTC))
        return telephone.takes_away(tmp_path / "bundle", one.authority)


def by_hand(expert: Expert) -> "subprocess.CompletedProcess[str]":
    commands = "\n".join(re.findall(r"^```bash\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE))
    own = commands.replace("/tmp/", f"{expert.folder.parent}/")  # noqa: S108 - of this test alone
    command = ["/bin/bash", "-e", "-u", "-o", "pipefail", "-c", own]
    return subprocess.run(
        command, cwd=expert.folder, env={"PATH": PATH}, capture_output=True, text=True, errors="replace", check=False
    )


def test_by_hand_a_folder_that_nobody_touched_is_in_order(folder: Expert) -> None:
    ended = by_hand(folder)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    head = re.search(r"head: line \d+, ([0-9a-f]{64})", folder.finds_nothing())
    assert head is not None
    assert f"head: {head[1]}" in ended.stdout
    assert "Signature Verified Successfully" in ended.stdout
    assert "Verification: OK" in ended.stdout
    assert "Time stamp:" in ended.stdout


@pytest.mark.parametrize("name", ["manifest", "chunks/000001.age", "signing.pem"])
def test_by_hand_a_changed_byte_is_found(folder: Expert, name: str) -> None:
    flipped(folder.folder / name, 70)
    renewed(folder.folder)

    assert by_hand(folder).returncode != 0


def test_the_page_names_the_rulings_and_promises_nothing() -> None:
    for number in ("11-85.464", "17-82.028", "20-20.648", "226-1", "910/2014"):
        assert number in PAGE
    assert not re.search(r"irréfutable|irrefutable|preuve|tamper-proof", PAGE, re.IGNORECASE)
