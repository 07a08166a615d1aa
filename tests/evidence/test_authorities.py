"""Answers of an authority that are refused: garbage, of something else, too late, run out, by a stranger."""

import socket
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.evidence import stamps
from alerts.evidence.errors import StampError
from tests.authority import tsa
from tests.evidence.scenes import Telephone


@pytest.fixture
def telephone(tmp_path: Path) -> Telephone:
    """Its clock is this machine's: stamps are of now."""
    telephone = Telephone(tmp_path / "root", now=datetime.now(UTC) - timedelta(seconds=70))
    telephone.opens()
    return telephone


@pytest.mark.parametrize("answer", [b"", b"garbage", b"<html>no</html>", b"\x30\x03\x02\x01\x02"])
def test_an_authority_that_answers_garbage_is_refused(telephone: Telephone, tmp_path: Path, answer: bytes) -> None:
    with tsa(tmp_path / "odd") as odd:
        odd.broken = answer
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", odd.authority, now=datetime.now(UTC))
    assert stamps.kept(telephone.folder / "manifest") == []


def test_an_answer_to_another_question_is_refused(telephone: Telephone, tmp_path: Path) -> None:
    with tsa(tmp_path / "odd") as odd:
        stamps.take(telephone.folder / "manifest", odd.authority, now=datetime.now(UTC))
        odd.broken = (odd.folder / "reply.tsr").read_bytes()
        telephone.sends(range(1))
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", odd.authority, now=datetime.now(UTC))


def test_an_authority_whose_certificate_ran_out_is_refused(telephone: Telephone, tmp_path: Path) -> None:
    with tsa(tmp_path / "old", days=-1) as old, pytest.raises(StampError):
        stamps.take(telephone.folder / "manifest", old.authority, now=datetime.now(UTC))


def test_an_authority_that_is_down_or_whose_clock_is_wrong_is_refused(telephone: Telephone, tmp_path: Path) -> None:
    manifest = telephone.folder / "manifest"
    with tsa(tmp_path / "odd") as odd:
        with pytest.raises(StampError):
            stamps.take(manifest, odd.authority, now=datetime.now(UTC) + timedelta(minutes=6))
        odd.up = False
        with pytest.raises(StampError):
            stamps.take(manifest, odd.authority, now=datetime.now(UTC))
        odd.up = True
        assert stamps.lacking(manifest, [odd.authority]) == [odd.authority]
        assert stamps.take(manifest, odd.authority, now=datetime.now(UTC)) == 1
        assert stamps.lacking(manifest, [odd.authority]) == []
        assert [one.count for one, _at in stamps.verified(manifest, {odd.authority.name: odd.authority})] == [1]


def test_an_authority_that_answers_byte_by_byte_is_given_up(telephone: Telephone, tmp_path: Path) -> None:
    """Each byte comes in time, the whole never would."""
    with tsa(tmp_path / "slow") as slow:
        slow.drips = 0.05
        hurried = replace(slow.authority, patience=0.2)
        began = time.monotonic()
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", hurried, now=datetime.now(UTC))
        assert time.monotonic() - began < 5


def test_an_authority_that_says_nothing_is_given_up(telephone: Telephone, tmp_path: Path) -> None:
    with tsa(tmp_path / "mute") as mute, socket.create_server(("127.0.0.1", 0)) as listening:
        silent = replace(mute.authority, url=f"http://127.0.0.1:{listening.getsockname()[1]}/", patience=0.2)
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", silent, now=datetime.now(UTC))


def test_an_answer_without_an_end_is_given_up(telephone: Telephone, tmp_path: Path) -> None:
    with tsa(tmp_path / "endless") as endless:
        endless.broken = b"0" * 1_000_000
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", endless.authority, now=datetime.now(UTC))


def test_one_that_signs_with_another_root_is_refused(telephone: Telephone, tmp_path: Path) -> None:
    with tsa(tmp_path / "one") as one, tsa(tmp_path / "two") as two:
        (one.folder / "root.pem").write_bytes((two.folder / "root.pem").read_bytes())
        with pytest.raises(StampError):
            stamps.take(telephone.folder / "manifest", one.authority, now=datetime.now(UTC))
