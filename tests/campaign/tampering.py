"""Every byte of a small bundle is changed, one at a time, by somebody who makes the list of hashes again.

What `verify.sh` then overlooks can only be a byte that nobody signed; the list as it was handed over must find it.
"""

import hashlib
import os
import random
import shutil
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import repeat
from pathlib import Path

from alerts.evidence import stamps
from tests.authority import tsa
from tests.evidence.scenes import Expert, Telephone

SUMS = "SHA256SUMS"
_WORDS = frozenset({"LISEZMOI.txt", "README.txt", "transcription.txt", "verify.sh", SUMS})
_LOOSE = (".tsr", ".pem")  # formats that hold bytes without a meaning, or outside of the signature

Byte = tuple[str, int]  # file, place


@dataclass(frozen=True, kw_only=True)
class Tampered:
    """How many bytes were changed, by file; `missed` by the proofs alone, `overlooked` by the list of hashes, too."""

    tried: Counter[str]
    missed: Counter[str]
    overlooked: Sequence[Byte]

    @property
    def held(self) -> bool:
        """Whether each was found; and by the proofs alone, where they cover every byte."""
        return not self.overlooked and all(name.endswith(_LOOSE) for name in self.missed)

    def lines(self) -> Sequence[str]:
        """The table."""
        return [
            f"{name:32} {count:>6} bytes, {self.missed[name]} not covered by a proof"
            for name, count in sorted(self.tried.items())
        ] + [f"overlooked: {self.overlooked}"]


def bundle(folder: Path) -> Expert:
    """One second, stamped once at the opening and once at the end."""
    telephone = Telephone(folder / "root", now=datetime.now(UTC) - timedelta(seconds=5))
    telephone.opens()
    with tsa(folder / "authority") as one:
        stamps.take(telephone.folder / "manifest", one.authority, now=datetime.now(UTC))
        telephone.sends(range(1))
        telephone.closes(1)
        stamps.take(telephone.log.path, one.authority, now=datetime.now(UTC))
        return telephone.takes_away(folder / "bundle", one.authority, clear=False)


def proofs(expert: Expert) -> Sequence[Byte]:
    """Every byte that proves something: all but the words for people and the list of hashes."""
    files = sorted(path for path in expert.folder.rglob("*") if path.is_file())
    names = [path.relative_to(expert.folder).as_posix() for path in files]
    return [
        (name, at)
        for name, path in zip(names, files, strict=True)
        if name not in _WORDS
        for at in range(path.stat().st_size)
    ]


def play(folder: Path, *, every: int = 1, most: int | None = None, seed: int = 1) -> Tampered:
    """Change every so-manieth byte, or `most` of them, drawn by lot."""
    expert = bundle(folder)
    expert.finds_nothing()
    chosen = proofs(expert)[::every]
    if most is not None:
        chosen = random.Random(seed).sample(chosen, most)
    workers = os.cpu_count() or 1
    shares = [chosen[number::workers] for number in range(workers)]
    copies = [Expert(folder / f"copy-{number}") for number in range(workers)]
    for copy in copies:
        shutil.copytree(expert.folder, copy.folder)
    with ThreadPoolExecutor(workers) as pool:
        missed = [one for found in pool.map(_missed, copies, shares, repeat(seed)) for one in found]
    return Tampered(
        tried=Counter(name for name, _at in chosen),
        missed=Counter(name for name, _at in missed),
        overlooked=[one for one in missed if not _found(copies[0], one, seed, renew=False)],
    )


def _missed(copy: Expert, share: Sequence[Byte], seed: int) -> Sequence[Byte]:
    return [one for one in share if not _found(copy, one, seed, renew=True)]


def _found(copy: Expert, one: Byte, seed: int, *, renew: bool) -> bool:
    """Whether the expert says so, once this byte is another one; afterwards all is as before."""
    name, at = one
    path, sums = copy.folder / name, copy.folder / SUMS
    before, told = path.read_bytes(), sums.read_bytes()
    changed = bytearray(before)
    changed[at] ^= random.Random(f"{seed} {name} {at}").randint(1, 255)
    path.write_bytes(changed)
    if renew:
        was, now = (hashlib.sha256(content).hexdigest().encode() for content in (before, bytes(changed)))
        sums.write_bytes(told.replace(was + b"  " + name.encode() + b"\n", now + b"  " + name.encode() + b"\n"))
    ended = copy.verifies()
    path.write_bytes(before)
    sums.write_bytes(told)
    return ended.returncode == 1 and "FAILED" in ended.stdout
