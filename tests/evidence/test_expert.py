"""An expert with bash, coreutils, openssl and age finds whatever was changed; without a change, nothing."""

import base64
import hashlib
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from alerts.evidence import lines, stamps
from tests.authority import Tsa, tsa
from tests.campaign import tampering
from tests.evidence.scenes import NAME, Expert, Telephone

COREUTILS = ("sha256sum", "split", "head", "tail", "base64", "cat", "date", "mktemp", "rm", "mkdir", "dirname")
TOOLS = ("bash", "openssl", "age", *COREUTILS)


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tsa, Tsa]]:
    folder = tmp_path_factory.mktemp("authorities")
    with tsa(folder / "one") as one, tsa(folder / "two") as two:
        yield one, two


@pytest.fixture
def telephone(tmp_path: Path) -> Telephone:
    """Its clock is this machine's: stamps are of now."""
    telephone = Telephone(tmp_path / "root", now=datetime.now(UTC) - timedelta(seconds=70))
    telephone.opens()
    return telephone


def stamped(telephone: Telephone, *by: Tsa) -> None:
    now = datetime.now(UTC)
    for one in by:
        for journal in (telephone.folder / "manifest", telephone.log.path):
            stamps.take(journal, one.authority, now=now)


@pytest.fixture
def bundle(telephone: Telephone, authorities: tuple[Tsa, Tsa], tmp_path: Path) -> Expert:
    """Twelve seconds of which one is missing, stamped at the beginning and at the end by both."""
    stamped(telephone, *authorities)
    telephone.sends(range(5))
    telephone.sends(range(6, 12))
    telephone.closes(12)
    stamped(telephone, *authorities)
    return telephone.takes_away(tmp_path / "bundle", *(one.authority for one in authorities))


def test_a_bundle_that_nobody_touched_is_in_order(bundle: Expert, telephone: Telephone) -> None:
    said = bundle.finds_nothing()

    assert f"recording {NAME}" in said
    assert "chunks: 11 of 11 are as they were sealed" in said
    assert "opened with age, each is what the telephone sent" in said
    assert said.count("and all before it existed on") == 8
    sound = b"".join(path.read_bytes() for path in sorted((bundle.folder / "sound").iterdir()))
    assert sound == b"".join(chunk.content for chunk in telephone.sent)


def test_nothing_but_a_clean_debian_is_needed(bundle: Expert, tmp_path: Path) -> None:
    """A folder with these programs alone is all the PATH there is."""
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in TOOLS:
        (programs / name).symlink_to(shutil.which(name) or "missing")

    ended = bundle.verifies(path=str(programs))

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


def test_a_sealed_bundle_needs_no_age(telephone: Telephone, tmp_path: Path) -> None:
    telephone.sends(range(3))
    sealed = telephone.takes_away(tmp_path / "sealed", clear=False)

    assert not (sealed.folder / "recording.key").exists()
    assert "chunks: 3 of 3 are as they were sealed" in sealed.finds_nothing()


def test_what_a_telephone_kept_is_compared(bundle: Expert, telephone: Telephone) -> None:
    kept = telephone.receipts[7]

    assert f"receipt of line {kept.sequence}: as kept" in bundle.finds_nothing(
        "--receipt", str(kept.sequence), kept.head
    )
    assert "contradicts the manifest" in bundle.finds("--receipt", str(kept.sequence + 1), kept.head)
    assert "contradicts the manifest" in bundle.finds("--receipt", "999999", kept.head)


# ---- Single bytes ----


def renewed(folder: Path) -> None:
    """The list of hashes, written again by whoever changed a file."""
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    (folder / "SHA256SUMS").write_text("".join(sums))


def flipped(path: Path, at: int, bit: int = 1) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= bit
    path.write_bytes(content)


SAMPLE = 100  # of 5,800 bytes; `make campaign` changes every one


def test_a_changed_byte_is_found_though_the_list_of_hashes_was_made_again(tmp_path: Path) -> None:
    """In manifest, chunk, key, log: by the chain; in a stamp or a certificate at least by the list as it was."""
    tampered = tampering.play(tmp_path, most=SAMPLE)

    assert tampered.held, "\n".join(tampered.lines())
    assert tampered.tried.total() == SAMPLE
    assert {"manifest", "chunks/000001.age", "log/log"} <= set(tampered.tried)


@pytest.mark.parametrize("name", ["verify.sh", "LISEZMOI.txt", "sound/000000.webm"])
def test_a_changed_byte_of_anything_else_is_found_by_the_list_of_hashes(bundle: Expert, name: str) -> None:
    flipped(bundle.folder / name, 0 if name != "verify.sh" else -2)

    assert "SHA256SUMS" in bundle.finds()


def test_a_changed_byte_of_a_stamp_is_found(bundle: Expert) -> None:
    for path in sorted(bundle.folder.rglob("*.tsr"))[::3]:
        content = path.read_bytes()
        flipped(path, len(content) - 20)  # in its signature
        renewed(bundle.folder)
        assert f"the stamp {path.name} is not of this line" in bundle.finds()
        path.write_bytes(content)
        flipped(path, len(content) // 2)
        assert "SHA256SUMS" in bundle.finds()
        path.write_bytes(content)
    renewed(bundle.folder)
    bundle.finds_nothing()


def test_another_signing_key_is_found(bundle: Expert) -> None:
    flipped(bundle.folder / "signing.pem", 60)
    renewed(bundle.folder)

    assert "signing.pem is not the key" in bundle.finds()


def test_a_changed_byte_of_the_sound_is_found(bundle: Expert) -> None:
    flipped(bundle.folder / "sound" / "000000.webm", 500)
    renewed(bundle.folder)

    assert "sound/000000.webm is not its chunks" in bundle.finds()


# ---- An administrator with every key ----


def signed_again(bundle: Expert, telephone: Telephone, kept: list[bytes], *, name: str = "manifest") -> str:
    """A journal with these lines only, chained and signed anew, with the true key; its new head."""
    written, prev = [], lines.FIRST_PREV
    for at, line in enumerate(kept):
        facts = {**lines.read(line).facts, "seq": at}
        by = base64.b64decode(lines.read(kept[0]).facts["signing_key"])
        new = lines.write(facts, prev=prev, sign=partial(telephone.keys.sign, by=by))
        written.append(new)
        prev = lines.digest(new)
    (bundle.folder / name).write_bytes(b"".join(written))
    renewed(bundle.folder)
    return prev


def manifest_of(bundle: Expert) -> list[bytes]:
    return (bundle.folder / "manifest").read_bytes().splitlines(keepends=True)


@pytest.fixture
def lodged(bundle: Expert, telephone: Telephone) -> tuple[str, str]:
    """What the association was mailed a minute after the close."""
    head = telephone.log.head()
    assert head is not None
    return str(head.sequence), head.hash


def test_a_time_that_was_edited_and_signed_again_contradicts_stamps_and_log(
    bundle: Expert, telephone: Telephone
) -> None:
    edited = manifest_of(bundle)
    edited[5] = edited[5].replace(b'"at":"20', b'"at":"19')

    signed_again(bundle, telephone, edited)

    said = bundle.finds()
    assert "is not of this line" in said
    assert "the log saw another manifest" in said


def test_a_time_that_was_edited_with_log_and_stamps_contradicts_what_was_lodged(
    bundle: Expert, telephone: Telephone, lodged: tuple[str, str]
) -> None:
    """Every key at hand, every journal written again, every stamp thrown away: all that is left here agrees."""
    edited = manifest_of(bundle)
    edited[5] = edited[5].replace(b'"at":"20', b'"at":"19')
    head = signed_again(bundle, telephone, edited).encode()
    logged = (bundle.folder / "log" / "log").read_bytes()
    for path in bundle.folder.rglob("*.tsr"):
        path.unlink()
    true = lines.read(logged.splitlines(keepends=True)[-1]).facts["head"].encode()
    signed_again(bundle, telephone, logged.replace(true, head).splitlines(keepends=True), name="log/log")

    bundle.finds_nothing()
    assert "contradicts the log" in bundle.finds("--lodged", *lodged)
    kept = telephone.receipts[-1]
    assert "contradicts the manifest" in bundle.finds("--receipt", str(kept.sequence), kept.head)


def test_what_stands_in_a_file_paints_over_no_line_of_the_terminal(bundle: Expert) -> None:
    path = bundle.folder / "manifest"
    path.write_bytes(path.read_bytes().replace(NAME.encode(), b"\x1b[2J\rOK" + NAME[8:].encode(), 1))
    renewed(bundle.folder)

    assert all(letter.isprintable() or letter == "\n" for letter in bundle.finds())


def test_a_tail_that_was_cut_with_its_stamps_and_its_log_contradicts_what_was_lodged(
    bundle: Expert, telephone: Telephone, lodged: tuple[str, str]
) -> None:
    """By itself such a bundle is in order: hence heads are lodged with people outside."""
    for path in (bundle.folder / "stamps").glob("000013-*"):
        path.unlink()
    for number in range(8, 12):
        (bundle.folder / "chunks" / f"{number:06}.age").unlink()
    (bundle.folder / "log" / "log").write_bytes(
        (bundle.folder / "log" / "log").read_bytes().splitlines(keepends=True)[0]
    )
    for path in (bundle.folder / "log" / "stamps").glob("000002-*"):
        path.unlink()
    for path in (bundle.folder / "sound").iterdir():
        path.unlink()
    signed_again(bundle, telephone, manifest_of(bundle)[:8])

    bundle.finds_nothing()
    assert "the lodged head" in bundle.finds("--lodged", *lodged)
    kept = telephone.receipts[-1]
    assert "contradicts the manifest" in bundle.finds("--receipt", str(kept.sequence), kept.head)


def test_a_head_that_was_lodged_is_found_in_a_log_that_nobody_touched(bundle: Expert, lodged: tuple[str, str]) -> None:
    assert f"lodged head {lodged[0]}: as lodged" in bundle.finds_nothing("--lodged", *lodged)


@pytest.mark.parametrize("change", ["reordered", "dropped", "doubled", "cut"])
def test_lines_that_were_moved_are_found(bundle: Expert, change: str) -> None:
    found = manifest_of(bundle)
    match change:
        case "reordered":
            found[3], found[4] = found[4], found[3]
        case "dropped":
            del found[7]
        case "doubled":
            found.insert(7, found[7])
        case _:
            found = found[:6]
    (bundle.folder / "manifest").write_bytes(b"".join(found))
    renewed(bundle.folder)

    bundle.finds()
