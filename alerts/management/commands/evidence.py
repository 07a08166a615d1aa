"""`manage.py evidence`: what an operator does with recordings and their keys, without listening to any."""

import sys
import zipfile
from argparse import ArgumentParser
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pyrage
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from pyrage import x25519

from alerts.domain import inspecting, vault
from alerts.evidence import keys
from alerts.evidence.errors import EvidenceError
from alerts.evidence.recording import KEY

_RUNS = 0o700


class Command(BaseCommand):
    """Each word is a method below."""

    help = "Verifies, lists and copies recordings, prints the head of their log, makes and changes keys."
    requires_system_checks: list[str] = []  # keys are made before the installation is safe

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The words."""
        words = parser.add_subparsers(dest="word", required=True)
        verify = words.add_parser("verify", help="the log and every recording; status 1 if anything is wrong")
        verify.add_argument("ids", nargs="*", type=UUID, help="these recordings alone")
        verify.add_argument("--sound", action="store_true", help="open each second, too; nothing is kept or shown")
        words.add_parser("list", help="what lies on the disk: no names")
        words.add_parser("head", help="where the log stands: number and hash of its last line")
        export = words.add_parser("export", help="the expert's bundle of one recording; a line of the log says so")
        export.add_argument("id", type=UUID)
        export.add_argument("to", type=Path, help="a folder that is not there yet, or a file that ends with .zip")
        export.add_argument("--identity", type=Path, help="an age identity that may open it: then the sound goes along")
        draw = words.add_parser("keys", help="draw keys where there are none, and print the public halves")
        draw.add_argument("folder", type=Path)
        rotate = words.add_parser("rotate", help="draw new keys; old ones go on for what they began")
        rotate.add_argument("folder", type=Path, nargs="?", help="default: the one that SHERIF_SIGNING_KEY names")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it. Raises CommandError."""
        try:
            getattr(self, f"_{options['word']}")(options)
        except EvidenceError as error:
            raise CommandError(f"{error.__doc__} ({type(error).__name__})") from None

    def _verify(self, options: Mapping[str, Any]) -> None:
        wrong = count = 0
        for one in inspecting.inspect(options["ids"], with_sound=options["sound"]):
            count += 1
            wrong += bool(one.findings)
            self.stdout.write(f"{one.uid or 'log'}: {'; '.join(one.findings) or 'in order'}")
        self.stdout.write(f"{count} verified, {wrong} with findings")
        if wrong:
            sys.exit(1)

    def _list(self, options: Mapping[str, Any]) -> None:
        for one in inspecting.shelved():
            told = f"{one.seconds} seconds, {one.bytes} bytes, {one.stamps} stamps"
            self.stdout.write(f"{one.uid}  {one.opened or 'unreadable'}  {one.closed or 'open'}  {told}")

    def _head(self, options: Mapping[str, Any]) -> None:
        head = vault.log().head()
        if head is None:
            raise CommandError("Nothing was recorded yet: there is no log.")
        self.stdout.write(f"{head.sequence} {head.hash}")

    def _export(self, options: Mapping[str, Any]) -> None:
        to: Path = options["to"]
        if to.exists():
            raise CommandError(f"{to} is there already.")
        identity = _opened(vault.path_of(options["id"]) / KEY, options["identity"]) if options["identity"] else None
        pieces = inspecting.copy(options["id"], identity, now=timezone.now())
        (_zipped if to.suffix == ".zip" else _filed)(to, pieces)
        self.stdout.write(f"{to}: {'with its sound' if identity else 'the sound is sealed in it'}")

    def _keys(self, options: Mapping[str, Any]) -> None:
        keys.draw(options["folder"])
        self._say(options["folder"])

    def _rotate(self, options: Mapping[str, Any]) -> None:
        folder = options["folder"] or settings.SHERIF.evidence.kept
        if folder is None:
            raise CommandError("The keys are held elsewhere: name their folder, as the user who may read them.")
        keys.rotate(folder, name=f"{timezone.now():%Y-%m-%dT%H%M%S}")
        self._say(folder)

    def _say(self, folder: Path) -> None:
        public = keys.FileKeys(folder).public()
        self.stdout.write(f"{keys.public_pem(public.signing).decode()}{public.listening}")


def _opened(key: Path, identity: Path) -> x25519.Identity:
    """The recording's own key, opened by somebody who may. Raises CommandError, KeyHolderError."""
    try:
        words = [line.strip() for line in identity.read_text().splitlines()]
        found = [x25519.Identity.from_str(line) for line in words if line and not line.startswith("#")]
        return x25519.Identity.from_str(pyrage.decrypt(key.read_bytes(), found).decode())
    except (OSError, ValueError, pyrage.IdentityError, pyrage.DecryptError) as error:
        raise CommandError("This identity does not open this recording.") from error


def _filed(to: Path, pieces: Iterator[tuple[str, Iterator[bytes]]]) -> None:
    for name, content in pieces:
        path = to / name
        path.parent.mkdir(mode=_RUNS, parents=True, exist_ok=True)
        with path.open("wb") as file:
            file.writelines(content)
    (to / "verify.sh").chmod(_RUNS)


def _zipped(to: Path, pieces: Iterator[tuple[str, Iterator[bytes]]]) -> None:
    with zipfile.ZipFile(to, "x", zipfile.ZIP_DEFLATED) as file:
        for name, content in pieces:
            told = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
            told.external_attr = (_RUNS if name == "verify.sh" else 0o600) << 16
            with file.open(told, "w") as inside:
                for piece in content:
                    inside.write(piece)
