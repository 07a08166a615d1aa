"""Who signs, and who may open what was sealed. The web process holds the public halves only, where a holder is set.

Three secrets: the signing key (Ed25519, RFC 8032), the listening identity (age X25519), and the key to which a
telephone seals what must wait in its store (HPKE, RFC 9180). `FileKeys` reads them from a folder;
`alerts.evidence.holder` asks another process. Whoever breaks into the web process then has lines signed and sound
opened for as long as that lasts, and carries no key away.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import get_ident
from typing import Protocol

import pyrage
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pyrage import x25519

from alerts.evidence.errors import KeyHolderError

SIGNING, LISTENING, WAITING = "signing.pem", "listening.age", "waiting.p256"
SUITE = hpke.Suite(hpke.KEM.P256, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, kw_only=True)
class PublicKeys:
    """The halves that everybody may know: `signing` raw (32 bytes), `listening` an age recipient.

    `waiting` is a point of P-256, uncompressed (65 bytes); empty where that key was not drawn: then nothing waits.
    """

    signing: bytes
    listening: str
    waiting: bytes


class Keys(Protocol):
    """A backend. Each call raises KeyHolderError."""

    def public(self) -> PublicKeys:
        """The public halves of the present keys."""

    def sign(self, content: bytes, *, by: bytes) -> bytes:
        """A signature by the secret half of this public key: a recording keeps the key with which it began."""

    def open(self, sealed: bytes) -> bytes:
        """What was encrypted to the listening identity, now or before a rotation."""

    def take(self, sealed: bytes, *, told: bytes) -> bytes:
        """What waited in a telephone, sealed together with `told` to the waiting key, now or before a rotation."""


class FileKeys:
    """Keys in a folder that only this user reads: present ones by their names, older ones under any name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._signing: dict[bytes, Ed25519PrivateKey] = {}

    def public(self) -> PublicKeys:
        """As Keys."""
        signing = _raw(self._private(self._folder / SIGNING).public_key())
        waiting = self._waiting()
        point = waiting[0].public_key().public_bytes(*_POINT) if waiting else b""
        return PublicKeys(signing=signing, listening=str(self._identities()[0].to_public()), waiting=point)

    def sign(self, content: bytes, *, by: bytes) -> bytes:
        """As Keys."""
        key = self._signing.get(by) or self._find(by)
        signature: bytes = key.sign(content)
        return signature

    def open(self, sealed: bytes) -> bytes:
        """As Keys."""
        try:
            content: bytes = pyrage.decrypt(sealed, self._identities())
        except pyrage.DecryptError as error:
            raise KeyHolderError from error
        return content

    def take(self, sealed: bytes, *, told: bytes) -> bytes:
        """As Keys."""
        for key in self._waiting():
            try:
                content: bytes = SUITE.decrypt(sealed, key, told)
            except (InvalidTag, ValueError):
                continue  # an older one, or nobody's
            return content
        raise KeyHolderError

    def _find(self, public: bytes) -> Ed25519PrivateKey:
        for path in sorted(self._folder.glob("*.pem")):
            key = self._private(path)
            self._signing[_raw(key.public_key())] = key
        if public not in self._signing:
            raise KeyHolderError
        return self._signing[public]

    def _private(self, path: Path) -> Ed25519PrivateKey:
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError) as error:
            raise KeyHolderError from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyHolderError
        return key

    def _waiting(self) -> list[ec.EllipticCurvePrivateKey]:
        """The present one first; none where it was never drawn."""
        first = self._folder / WAITING
        found = []
        for path in (first, *sorted(path for path in self._folder.glob("*.p256") if path != first)):
            try:
                key = serialization.load_pem_private_key(path.read_bytes(), password=None)
            except FileNotFoundError:
                continue
            except (OSError, ValueError) as error:
                raise KeyHolderError from error
            if not isinstance(key, ec.EllipticCurvePrivateKey):
                raise KeyHolderError
            found.append(key)
        return found

    def _identities(self) -> list[x25519.Identity]:
        """The present one first."""
        first = self._folder / LISTENING
        older = sorted(path for path in self._folder.glob("*.age") if path != first)
        try:
            return [x25519.Identity.from_str(path.read_text().strip()) for path in (first, *older)]
        except (OSError, pyrage.IdentityError) as error:
            raise KeyHolderError from error


def draw(folder: Path) -> None:
    """New keys where there are none; those that are there stay. Two processes may do it at once."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in _fresh().items():
        _once(folder / name, content)


def rotate(folder: Path, *, name: str) -> None:
    """Draw new keys; the present ones stay aside under `name`, where they go on for what they began.

    At every moment there is a present one of each. Raises KeyHolderError: there are none, or the name was used.
    """
    fresh = _fresh()
    try:
        for present in fresh:
            (folder / f"{name}-{present}").hardlink_to(folder / present)
        for present, content in fresh.items():
            _drawn(folder / present, content).replace(folder / present)
        _sync(folder)
    except OSError as error:
        raise KeyHolderError from error


def signed_by(public: bytes, signature: bytes, content: bytes) -> bool:
    """Whether the secret half of this public key (raw) signed this."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, content)
    except (InvalidSignature, ValueError):
        return False
    return True


def public_pem(raw: bytes) -> bytes:
    """A public signing key as openssl reads it."""
    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _pem(key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


_POINT = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint


def _fresh() -> Mapping[str, bytes]:
    """One of each, by the name of its file."""
    return {
        SIGNING: _pem(Ed25519PrivateKey.generate()),
        LISTENING: f"{x25519.Identity.generate()}\n".encode(),
        WAITING: _pem(ec.generate_private_key(ec.SECP256R1())),
    }


def _raw(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def _once(path: Path, content: bytes) -> None:
    if path.exists():
        return
    drawn = _drawn(path, content)
    try:
        path.hardlink_to(drawn)  # whoever comes second finds the first one's
    except FileExistsError:
        return
    finally:
        drawn.unlink()
    _sync(path.parent)


def _drawn(path: Path, content: bytes) -> Path:
    """A file beside it that only this user reads, on the disk."""
    drawn = path.with_name(f".{path.name}.{os.getpid()}.{get_ident()}")
    descriptor = os.open(drawn, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return drawn


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
