"""Keys are drawn once, readable by one user, changed while recordings go on; held by a process that hands out none."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyrage
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from pyrage import x25519

from alerts.evidence import keys, reading
from alerts.evidence.errors import KeyHolderError
from alerts.evidence.holder import HeldKeys, Holder
from alerts.evidence.keys import FileKeys
from alerts.evidence.lines import VERSION, Line
from alerts.evidence.recording import Opening, Recording
from tests.evidence.scenes import NIGHT, Telephone
from tests.server import ROOT

LINE = f'{VERSION}\t{{"at":"now"}}'.encode()


@contextmanager
def held(folder: Path) -> Iterator[HeldKeys]:
    """Somebody who holds the keys of this folder."""
    with Holder(folder / "sock", FileKeys(folder / "keys")) as holder:
        answering = threading.Thread(target=holder.serve_forever, kwargs={"poll_interval": 0.02})
        answering.start()
        try:
            yield HeldKeys(folder / "sock")
        finally:
            holder.shutdown()
            answering.join()


def signs(public: bytes, line: Line) -> bool:
    return keys.signed_by(public, line.signature, line.signed)


def test_keys_are_drawn_once_and_read_by_one_user_alone(tmp_path: Path) -> None:
    drawing = [threading.Thread(target=keys.draw, args=(tmp_path / "keys",)) for _ in range(8)]
    for one in drawing:
        one.start()
    for one in drawing:
        one.join()
    first = FileKeys(tmp_path / "keys").public()
    keys.draw(tmp_path / "keys")

    assert FileKeys(tmp_path / "keys").public() == first
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == [keys.LISTENING, keys.SIGNING, keys.WAITING]
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_recording_that_began_keeps_its_key_and_the_next_has_the_new_one(tmp_path: Path) -> None:
    telephone = Telephone(tmp_path)
    telephone.opens()
    telephone.sends(range(2))
    before = telephone.keys.public()

    keys.rotate(tmp_path / "keys", name="2026-03")
    after = telephone.keys.public()
    telephone.recording = telephone.again()
    telephone.sends(range(2, 4))
    other = Recording(tmp_path / "other", FileKeys(tmp_path / "keys"))
    other.open(Opening(recording="other", phone_at=NIGHT, media_type="audio/webm", readers=()), now=NIGHT)

    assert before.signing != after.signing
    assert before.listening != after.listening
    assert all(signs(before.signing, line) for line in reading.manifest(telephone.folder))
    assert signs(after.signing, reading.manifest(tmp_path / "other")[0])
    identity = reading.key(telephone.folder, FileKeys(tmp_path / "keys"))
    found = reading.segments(reading.manifest(telephone.folder))
    heard = b"".join(reading.sound(telephone.folder, found[0].chunks, identity))
    assert heard == b"".join(chunk.content for chunk in telephone.sent), "sound from before is still opened"
    assert reading.key(tmp_path / "other", FileKeys(tmp_path / "keys"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}


def test_a_name_that_was_used_before_buries_no_older_key(tmp_path: Path) -> None:
    keys.draw(tmp_path)
    keys.rotate(tmp_path, name="one")
    kept = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    with pytest.raises(KeyHolderError):
        keys.rotate(tmp_path, name="one")
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == kept


def test_a_holder_signs_and_opens_as_the_files_would(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    filed = FileKeys(tmp_path / "keys")
    public = filed.public()
    sealed = pyrage.encrypt(b"a key", [x25519.Recipient.from_str(public.listening)])

    with held(tmp_path) as holder:
        assert holder.public() == public
        assert holder.sign(LINE, by=public.signing) == filed.sign(LINE, by=public.signing)
        assert holder.open(sealed) == b"a key"


def test_a_holder_refuses_what_is_no_line_and_survives_nonsense(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    public = FileKeys(tmp_path / "keys").public()
    with held(tmp_path) as holder:
        for content in (b"I confess", b"2\t{}", b""):
            with pytest.raises(KeyHolderError):
                holder.sign(content, by=public.signing)
        with pytest.raises(KeyHolderError):
            holder.sign(LINE, by=bytes(32))
        with pytest.raises(KeyHolderError):
            holder.open(b"nonsense")
        for asked in (b"", b"\n", b"[]\n", b"{}\n", b'{"do":"keys"}\n', b"[" * 60_000 + b"\n"):
            assert said(tmp_path / "sock", asked) == {"error": "refused"}
        assert holder.sign(LINE, by=public.signing)


def said(path: Path, asked: bytes) -> object:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        line.sendall(asked)
        line.shutdown(socket.SHUT_WR)
        return json.loads(line.makefile("rb").readline())


def test_a_holder_that_is_away_is_said_so_and_another_takes_its_place(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    with held(tmp_path) as holder:
        public = holder.public()
    with pytest.raises(KeyHolderError):
        holder.public()
    with held(tmp_path):
        assert holder.public() == public


def test_a_holder_of_its_own_needs_no_settings(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    command = [sys.executable, "-m", "alerts.evidence.holder", str(tmp_path / "sock"), str(tmp_path / "keys")]
    with subprocess.Popen(
        command, cwd=ROOT, env={"PATH": os.environ["PATH"]}, stdout=subprocess.PIPE, text=True
    ) as unit:
        assert unit.stdout is not None
        assert unit.stdout.readline() == "ready\n"
        assert stat.S_IMODE((tmp_path / "sock").stat().st_mode) == 0o660
        assert HeldKeys(tmp_path / "sock").public() == FileKeys(tmp_path / "keys").public()
        unit.send_signal(signal.SIGTERM)
        assert unit.wait(10) == 0


def test_what_waited_in_a_telephone_is_taken_also_after_a_change_of_keys(tmp_path: Path) -> None:
    keys.draw(tmp_path / "keys")
    with held(tmp_path) as holder:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), holder.public().waiting)
        second = os.urandom(64 * 1024)
        sealed = keys.SUITE.encrypt(second, point, b"this second")
        keys.rotate(tmp_path / "keys", name="before")

        assert holder.take(sealed, told=b"this second") == second
        for other in ((sealed, b"another second"), (sealed[:-1], b"this second"), (b"", b"this second")):
            with pytest.raises(KeyHolderError):
                holder.take(other[0], told=other[1])


def test_a_folder_from_before_holds_no_key_for_what_waits(tmp_path: Path) -> None:
    keys.draw(tmp_path)
    (tmp_path / keys.WAITING).unlink()
    assert FileKeys(tmp_path).public().waiting == b""
    with pytest.raises(KeyHolderError):
        FileKeys(tmp_path).take(b"anything", told=b"")
