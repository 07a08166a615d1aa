"""`manage.py import_units FILE...`: which police or gendarmerie answers for each commune, as the State publishes it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from responders.domain import unitfiles, units

_COMPETENCES = "https://www.data.gouv.fr/datasets/competence-territoriale-gendarmerie-et-police-nationales"


class Command(BaseCommand):
    """Reads the files, in any order, then replaces what was known, all or nothing. Without it everything else works."""

    help = (
        "Imports « Compétence territoriale gendarmerie et police nationales » and the lists of units that receive "
        "the public (CSV files from data.gouv.fr, downloaded beforehand)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which files; each is known by its columns."""
        parser.add_argument("files", nargs="+", type=Path, help="the CSV files, in any order")
        parser.add_argument("--smaller", action="store_true", help="accept far fewer communes than were known before")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import. Raises CommandError with what was found, and changes nothing then."""
        try:
            found = [self._read(path) for path in options["files"]]
            competences = [line for one in found for line in one.competences]
            desks = [desk for one in found for desk in one.desks]
            if not competences:
                raise CommandError(f"The file of competences is missing: {_COMPETENCES}")
            counts = units.replace(competences, desks, smaller=options["smaller"])
        except unitfiles.FileError as error:
            raise CommandError(str(error)) from error
        except units.ShrunkError as error:
            raise CommandError(f"{error} (--smaller if this is meant).") from error
        self.stdout.write(
            f"{counts.communes} communes, {counts.units} units, {counts.with_number} of them with a telephone number; "
            f"{counts.repeated} repeated lines"
        )

    def _read(self, path: Path) -> unitfiles.Found:
        found = unitfiles.read(path)
        what = f"{len(found.competences)} communes" if found.competences else f"{len(found.desks)} desks"
        self.stdout.write(f"{path.name}: {what}, {found.skipped} lines not understood")
        self.stdout.flush()
        return found
