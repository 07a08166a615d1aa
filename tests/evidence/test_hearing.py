"""The judge of the recording campaign: one that overlooks a lost second or another receipt proves nothing."""

from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from alerts.evidence import keys
from alerts.evidence.keys import FileKeys
from alerts.evidence.log import Log
from alerts.evidence.recording import Chunk, Opening, Recording
from tests.campaign import hearing
from tests.evidence.scenes import NIGHT


@dataclass
class Remembered:
    """What a telephone holds at the end."""

    uid: UUID = field(default_factory=lambda: UUID(int=3))
    pace: float = 1.0
    made: int = 5
    receipts: dict[int, tuple[int, str]] = field(default_factory=dict)
    other: int = -1

    def content(self, number: int) -> bytes:
        return b"sound %d" % (number if number != self.other else 99)


@pytest.fixture
def phone(tmp_path: Path) -> Remembered:
    """Five seconds, all acknowledged."""
    phone = Remembered()
    keys.draw(tmp_path / "keys")
    held = FileKeys(tmp_path / "keys")
    root = tmp_path / "recordings"
    recording = Recording(root / phone.uid.hex[:2] / str(phone.uid), held)
    recording.open(Opening(recording=str(phone.uid), phone_at=NIGHT, media_type="audio/webm", readers=()), now=NIGHT)
    Log(root, held).add("opening", str(phone.uid), now=NIGHT)
    for number in range(5):
        receipt = recording.put(Chunk(number=number, segment=0, content=phone.content(number)), now=NIGHT)
        phone.receipts[number] = receipt.sequence, receipt.head
    return phone


def test_what_is_all_there_is_found_to_be(phone: Remembered, tmp_path: Path) -> None:
    heard = hearing.judge([phone], {"web": 1}, data_dir=tmp_path)

    assert heard.held
    assert (heard.acknowledged, heard.lost, heard.in_flight) == (5, 0, 0)


def test_a_second_that_is_not_there_or_not_the_same_is_found(phone: Remembered, tmp_path: Path) -> None:
    phone.receipts[5] = (6, "0" * 64)
    phone.other = 2
    heard = hearing.judge([phone], {}, data_dir=tmp_path)

    assert heard.lost == 2
    assert not heard.nothing_lost


def test_another_receipt_is_found(phone: Remembered, tmp_path: Path) -> None:
    phone.receipts[4] = (5, "0" * 64)
    assert hearing.judge([phone], {}, data_dir=tmp_path).contradicted == 1


def test_a_changed_file_is_found(phone: Remembered, tmp_path: Path) -> None:
    [path] = tmp_path.glob("recordings/*/*/chunks/000003.age")
    path.write_bytes(path.read_bytes()[:-1])

    heard = hearing.judge([phone], {}, data_dir=tmp_path)
    assert heard.lost == 1
    assert "000003.age" in heard.wrong[0]


def test_more_than_two_seconds_of_a_dying_telephone_are_too_many(phone: Remembered, tmp_path: Path) -> None:
    phone.made = 8
    heard = hearing.judge([phone], {}, data_dir=tmp_path)
    assert heard.nothing_lost
    assert not heard.held
