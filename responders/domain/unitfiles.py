"""The State's open files about police and gendarmerie, read into plain values. Nothing is fetched, no row is touched.

« Compétence territoriale gendarmerie et police nationales » says which unit answers for a commune; the two lists of
units that receive the public say where their desks are (data.gouv.fr, ministry of the interior, open licence). Columns
as published in 2025; encodings, separators and the order of columns have changed before.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import phonenumbers

from responders.states import Force

MOST_BYTES = 64 * 1024 * 1024
_SEPARATORS = ";,\t|"
_INSEE = re.compile(r"(?:\d{2}|2[AB])\d{3}", re.ASCII)
_MOST_STRANGE = 0.05  # of all lines: more of them than that mean another file

_COMMUNE = ("code_commune", "code_commune_insee", "code_insee", "insee")
_FORCE = ("institution",)
_SERVICE = ("service", "nom_service", "libelle_service")
_CODE = ("id_service", "identifiant_public_unite", "identifiant")
_PHONE = ("telephone", "tel")
_ADDRESS = ("adresse_geographique", "adresse")
_LATITUDE = ("geocodage_y_gps", "latitude")
_LONGITUDE = ("geocodage_x_gps", "longitude")
_GENDARMERIE = "identifiant_public_unite"


class FileError(Exception):
    """A file is not what it should be; the message says what was found."""


@dataclass(frozen=True, kw_only=True)
class Competence:
    """One line: this unit answers for this commune."""

    insee: str
    force: Force
    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Where a unit receives the public: E.164, degrees (WGS 84); what is not known is empty."""

    force: Force
    code: str
    name: str
    address: str
    phone_number: str
    departement: str
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one file holds, and how many of its lines said nothing that could be used."""

    competences: Sequence[Competence] = ()
    desks: Sequence[Desk] = ()
    skipped: int = 0


def read(path: Path) -> Found:
    """A file of either kind, known by its columns. Raises FileError with a sentence for the operator."""
    columns, rows = _table(path)
    if _column(columns, _FORCE):
        return _competences(path, columns, rows)
    if _column(columns, _PHONE):
        return _desks(path, columns, rows)
    raise FileError(
        f"{path.name} is neither the file of competences (column institution) nor a list of desks (column telephone). "
        f"Found: {', '.join(columns) or 'no columns'}"
    )


def _table(path: Path) -> tuple[Sequence[str], list[list[str]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise FileError(f"{path.name} is larger than {MOST_BYTES // 1024 // 1024} MB: that is another file")
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"{path.name} cannot be read: {error.strerror}") from error
    text = _decoded(content)
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    try:
        rows = list(csv.reader(StringIO(text, newline=""), delimiter=separator))
    except csv.Error as error:
        raise FileError(f"{path.name} is not a table: {error}") from error
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    return ([_plain(name) for name in rows[0]] if rows else []), rows[1:]


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _plain(name: str) -> str:
    """A column's name without accents, capitals and spaces."""
    letters = unicodedata.normalize("NFD", name.strip().lower())
    return re.sub(r"[^a-z0-9]+", "_", "".join(one for one in letters if not unicodedata.combining(one))).strip("_")


def _column(columns: Sequence[str], names: Sequence[str]) -> str:
    return next((name for name in names if name in columns), "")


def _require(path: Path, columns: Sequence[str], names: Sequence[str]) -> str:
    if found := _column(columns, names):
        return found
    raise FileError(f"{path.name} has no column {' or '.join(names)}. Found: {', '.join(columns)}")


def _lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[Mapping[str, str]]:
    for row in rows:
        yield {name: " ".join(cell.split()) for name, cell in zip(columns, row, strict=False)}


def _competences(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Found:
    commune, service = _require(path, columns, _COMMUNE), _require(path, columns, _SERVICE)
    force, code = _require(path, columns, _FORCE), _column(columns, _CODE)
    found = [
        Competence(insee=insee, force=Force(line[force].upper()), code=_code(line.get(code, "")), name=name)
        for line in _lines(columns, rows)
        if _INSEE.fullmatch(insee := line.get(commune, "").upper().zfill(5))
        and line.get(force, "").upper() in set(Force)
        and (name := line.get(service, "")[:200])
    ]
    return Found(competences=found, skipped=_skipped(path, rows, len(found)))


def _desks(path: Path, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Found:
    service = _require(path, columns, _SERVICE)
    force = Force.GENDARMERIE if _GENDARMERIE in columns else Force.POLICE
    found = [_desk(line, force, name) for line in _lines(columns, rows) if (name := line.get(service, "")[:200])]
    return Found(desks=found, skipped=_skipped(path, rows, len(found)))


def _desk(line: Mapping[str, str], force: Force, name: str) -> Desk:
    columns = list(line)
    cell = {names: line.get(_column(columns, names), "") for names in (_CODE, _PHONE, _ADDRESS, _LATITUDE, _LONGITUDE)}
    postal, commune = line.get("code_postal", ""), line.get(_column(columns, _COMMUNE), "").upper()
    latitude, longitude = _degrees(cell[_LATITUDE], 90), _degrees(cell[_LONGITUDE], 180)
    parts = (line.get("voie", ""), f"{postal} {line.get('commune', '')}".strip())
    known = latitude is not None and longitude is not None
    return Desk(
        force=force,
        code=_code(cell[_CODE]),
        name=name,
        address=(cell[_ADDRESS] or ", ".join(part for part in parts if part))[:300],
        phone_number=_number(cell[_PHONE]),
        departement=departement(commune or postal),
        latitude=latitude if known else None,
        longitude=longitude if known else None,
    )


def departement(code: str) -> str:
    """The département of an INSEE or postal code; all of Corsica is 20, as postal codes have it."""
    if code.startswith(("97", "98")):
        return code[:3]
    return "20" if code.startswith(("2A", "2B")) else code[:2]


def _code(text: str) -> str:
    """The unit's number without leading zeros; 0 means none."""
    return text.lstrip("0")[:40]


def _degrees(text: str, most: float) -> float | None:
    try:
        degrees = float(text.replace(",", "."))
    except ValueError:
        return None
    return degrees if degrees and abs(degrees) <= most else None


def _number(text: str) -> str:
    """A telephone number in E.164, or nothing where it is none."""
    try:
        parsed = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return ""
    e164 = phonenumbers.PhoneNumberFormat.E164
    return phonenumbers.format_number(parsed, e164) if phonenumbers.is_valid_number(parsed) else ""


def _skipped(path: Path, rows: Sequence[Sequence[str]], used: int) -> int:
    skipped = len(rows) - used
    if not used or skipped > len(rows) * _MOST_STRANGE:
        raise FileError(f"{path.name}: {skipped} of {len(rows)} lines cannot be understood; nothing was changed")
    return skipped
