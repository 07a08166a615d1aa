"""A second of sound that was acknowledged is there, sealed, in the chain; one that was not harms nothing."""

import fcntl
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from pyrage import x25519

from alerts.evidence import reading
from alerts.evidence.errors import BrokenError, OtherChunkError, StorageError, TooLateError
from alerts.evidence.journal import newest
from alerts.evidence.lines import digest
from alerts.evidence.recording import Chunk
from tests.evidence.scenes import NIGHT, FailingDisk, Telephone


@pytest.fixture
def telephone(tmp_path: Path) -> Telephone:
    telephone = Telephone(tmp_path)
    telephone.opens()
    return telephone


def heard(telephone: Telephone) -> bytes:
    """What somebody hears who may."""
    identity = reading.key(telephone.folder, telephone.keys)
    found = reading.segments(reading.manifest(telephone.folder))
    return b"".join(piece for one in found for piece in reading.sound(telephone.folder, one.chunks, identity))


def test_what_is_heard_is_bit_for_bit_what_was_sent(telephone: Telephone) -> None:
    telephone.sends(range(130))
    standing = telephone.closes(130)

    assert heard(telephone) == b"".join(chunk.content for chunk in telephone.sent)
    assert (standing.chunks, standing.missing) == (130, [])
    found = reading.segments(reading.manifest(telephone.folder))
    assert [(one.number, len(one.chunks), one.plays) for one in found] == [(0, 60, True), (1, 60, True), (2, 10, True)]


def test_nothing_of_the_sound_stands_on_the_disk_in_clear(telephone: Telephone) -> None:
    telephone.sends(range(3))

    written = b"".join(path.read_bytes() for path in telephone.folder.rglob("*") if path.is_file())
    assert not [chunk for chunk in telephone.sent if chunk.content[4:40] in written]
    assert str(reading.key(telephone.folder, telephone.keys)).encode() not in written


def test_the_same_second_again_has_the_same_receipt_also_from_another_process(telephone: Telephone) -> None:
    telephone.sends(range(3))

    again = telephone.again().put(telephone.sent[1], now=telephone.now)

    assert (again.sequence, again.head) == (telephone.receipts[1].sequence, telephone.receipts[1].head)
    assert not again.new
    assert len(reading.manifest(telephone.folder)) == 4


def test_another_sound_under_the_same_number_is_refused(telephone: Telephone) -> None:
    telephone.sends(range(2))

    with pytest.raises(OtherChunkError):
        telephone.recording.put(Chunk(number=1, segment=0, content=b"another"), now=telephone.now)
    assert len(reading.manifest(telephone.folder)) == 3


def test_seconds_come_in_any_order_and_are_heard_in_theirs(telephone: Telephone) -> None:
    for number in (0, 3, 1, 4):
        telephone.sends(range(number, number + 1))

    assert heard(telephone) == b"".join(telephone.chunk(number).content for number in (0, 1, 3, 4))
    assert telephone.closes(7).missing == [2, 5, 6]
    assert reading.gaps(reading.manifest(telephone.folder)) == [(2, 2), (5, 6)]


def test_a_missing_second_is_waited_for_a_day_after_the_close(telephone: Telephone) -> None:
    telephone.sends(range(1))
    telephone.closes(3)

    late = telephone.recording.put(telephone.chunk(1), now=telephone.now + timedelta(hours=23))

    assert late.sequence == 3
    with pytest.raises(TooLateError):
        telephone.recording.put(telephone.chunk(2), now=telephone.now + timedelta(hours=25))
    assert telephone.closes(3).missing == [2]


def test_it_begins_once(telephone: Telephone) -> None:
    telephone.sends(range(2))

    assert not telephone.opens()
    telephone.recording = telephone.again()
    assert not telephone.opens()
    telephone.sends(range(2, 4))
    assert len(heard(telephone)) == sum(len(chunk.content) for chunk in telephone.sent)


def test_a_second_without_a_beginning_is_refused(tmp_path: Path) -> None:
    telephone = Telephone(tmp_path)
    (telephone.folder / "chunks").mkdir(parents=True)

    with pytest.raises(BrokenError):
        telephone.recording.put(telephone.chunk(0), now=NIGHT)


def test_an_association_and_an_escrow_can_open_it_without_the_service(tmp_path: Path) -> None:
    association, escrow, stranger = (x25519.Identity.generate() for _ in range(3))
    telephone = Telephone(tmp_path)
    telephone.opens(readers=(str(association.to_public()), str(escrow.to_public())))
    telephone.sends(range(1))

    sealed = (telephone.folder / "key.age").read_bytes()
    for identity in (association, escrow):
        own = x25519.Identity.from_str(pyrage.decrypt(sealed, [identity]).decode())
        chunk = (telephone.folder / "chunks" / "000001.age").read_bytes()
        assert pyrage.decrypt(chunk, [own]) == telephone.sent[0].content
    with pytest.raises(pyrage.DecryptError):
        pyrage.decrypt(sealed, [stranger])


def test_one_that_hangs_with_the_journal_in_its_hands_holds_nobody_for_long(telephone: Telephone) -> None:
    telephone.sends(range(1))
    telephone.recording._journal.patience = 0.05
    with (telephone.folder / "manifest").open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        with pytest.raises(StorageError):
            telephone.recording.put(telephone.chunk(1), now=telephone.now)

    telephone.sends(range(1, 3))
    assert len(heard(telephone)) == sum(len(chunk.content) for chunk in telephone.sent)


# ---- Disks that fail ----


def calls_of_a_chunk(root: Path) -> int:
    disk = FailingDisk()
    telephone = Telephone(root, machine=disk)
    telephone.opens()
    before = disk.calls
    telephone.sends(range(1))
    return disk.calls - before


@pytest.mark.parametrize("again", [False, True], ids=["the same process", "another process"])
@pytest.mark.parametrize("call", range(1, 6))
def test_a_disk_that_fails_at_any_call_acknowledges_nothing_and_loses_nothing(
    tmp_path: Path, call: int, *, again: bool
) -> None:
    disk = FailingDisk()
    telephone = Telephone(tmp_path, machine=disk)
    telephone.opens()
    telephone.sends(range(3))
    disk.fails_at = disk.calls + call

    with pytest.raises(StorageError):
        telephone.recording.put(telephone.chunk(3), now=telephone.now)

    assert [line.facts.get("n") for line in reading.manifest(telephone.folder)] == [None, 0, 1, 2]
    if again:
        telephone.recording = telephone.again()
    telephone.sends(range(3, 5))
    assert heard(telephone) == b"".join(telephone.chunk(number).content for number in range(5))


def test_those_are_all_the_calls_there_are(tmp_path: Path) -> None:
    assert calls_of_a_chunk(tmp_path) == 5


@pytest.mark.parametrize("left", [1, 40, -1])
def test_a_line_that_was_being_written_when_the_machine_stopped_is_written_again(
    telephone: Telephone, left: int
) -> None:
    telephone.sends(range(3))
    manifest = telephone.folder / "manifest"
    lines = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(b"".join(lines[:-1]) + lines[-1][:left])
    telephone.recording = telephone.again()

    receipt = telephone.recording.put(telephone.chunk(2), now=telephone.now)

    assert (receipt.sequence, receipt.new) == (3, True)
    assert heard(telephone) == b"".join(chunk.content for chunk in telephone.sent)


@pytest.mark.parametrize("byte", [b"\r", b"\x0b", b"\x1c", b"\x85"])
def test_a_byte_that_ends_a_line_elsewhere_cuts_nothing_off(telephone: Telephone, byte: bytes) -> None:
    """Python ends lines at these, too: what stands behind one is not a line that was being written."""
    telephone.sends(range(4))
    manifest = telephone.folder / "manifest"
    content = bytearray(manifest.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 1] = byte
    manifest.write_bytes(content)

    with pytest.raises(BrokenError):
        telephone.again().put(telephone.chunk(4), now=telephone.now)
    with pytest.raises(BrokenError):
        reading.manifest(telephone.folder)
    assert manifest.read_bytes() == content


def test_the_end_of_a_long_journal_is_found_without_reading_all_of_it(telephone: Telephone) -> None:
    telephone.sends(range(40))
    manifest = telephone.folder / "manifest"
    last = reading.manifest(telephone.folder)[-1]

    count, line = newest(manifest)
    assert (count, digest(line)) == (41, last.hash)
    with manifest.open("ab") as file:
        file.write(b"1\t{half a line")
    assert newest(manifest) == (count, line)


def test_a_chain_that_somebody_broke_takes_nothing_more(telephone: Telephone) -> None:
    telephone.sends(range(4))
    manifest = telephone.folder / "manifest"
    lines = manifest.read_bytes().splitlines(keepends=True)
    manifest.write_bytes(b"".join([*lines[:2], *lines[3:]]))

    with pytest.raises(BrokenError):
        telephone.again().put(telephone.chunk(4), now=telephone.now)
    with pytest.raises(BrokenError):
        reading.manifest(telephone.folder)
