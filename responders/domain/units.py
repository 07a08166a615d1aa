"""Which police or gendarmerie answers for a commune. Works without it; its desk is never an emergency line."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from django.db import transaction

from responders.domain.unitfiles import Competence, Desk, departement
from responders.models import Territory, Unit

_Key = tuple[object, ...]
Key = TypeVar("Key")
_BATCH = 500
_FACTS = ("address", "phone_number", "latitude", "longitude")
_ENOUGH = 0.9  # of the communes known before: less than that is a file cut short
# The file of competences may know these cities as a whole.
_CITIES = {"75": ("751", "75056"), "13": ("132", "13055"), "69": ("6938", "69123")}
# Words that say what a unit is, not where: what is left names the place.
_TITLES = frozenset(
    re.findall(
        r"\w+",
        "antenne agglomeration autonome brigade bta bureau centre central cisp cob commissariat commissariats "
        "communautes communaute circonscription cpn csp d de des division du en et gendarmerie hotel l la le les "
        "locale nationale nationales police proximite publique securite service subdivisionnaire territorial "
        "territoriale unite zone",
    )
)


class ShrunkError(Exception):
    """The new file knows far fewer communes than the one before."""


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What an import wrote."""

    communes: int
    units: int
    with_number: int
    repeated: int


def unit_of(insee: str) -> Unit | None:
    """The unit that answers for this commune or arrondissement; None if the files were not imported or do not say."""
    begins, city = _CITIES.get(insee[:2], ("-", ""))
    wanted = [insee, city] if insee.startswith(begins) else [insee]
    found = {row.insee: row.unit for row in Territory.objects.filter(insee__in=wanted).select_related("unit")}
    return next((found[code] for code in wanted if code in found), None)


def replace(competences: Sequence[Competence], desks: Sequence[Desk], *, smaller: bool = False) -> Counts:
    """Make the rows say what the new files say, all or nothing. Only what differs is written, so that nobody waits.

    Raises ShrunkError if the new file knows less than nine communes of ten that were known, unless `smaller` says that
    this is meant.
    """
    by_commune: dict[str, Competence] = {}
    for line in competences:
        by_commune.setdefault(line.insee, line)
    known = dict(Territory.objects.values_list("insee", "unit"))
    if len(by_commune) < len(known) * _ENOUGH and not smaller:
        raise ShrunkError(f"{len(by_commune)} communes, {len(known)} were known: is the file whole? Nothing changed")
    finder = _Desks(desks)
    units: dict[_Key, Unit] = {_key(line): _unit(line, finder) for line in by_commune.values()}
    with transaction.atomic():
        gone = _write_units(units)
        changed = [
            Territory(insee=insee, unit=units[_key(line)])
            for insee, line in by_commune.items()
            if known.get(insee) != units[_key(line)].pk
        ]
        Territory.objects.bulk_create(
            changed, batch_size=_BATCH, update_conflicts=True, update_fields=["unit"], unique_fields=["insee"]
        )
        for some in _batched(known.keys() - by_commune.keys()):
            Territory.objects.filter(insee__in=some).delete()
        for ids in _batched(gone):
            Unit.objects.filter(pk__in=ids).delete()
    return Counts(
        communes=len(by_commune),
        units=len(units),
        with_number=sum(bool(unit.phone_number) for unit in units.values()),
        repeated=len(competences) - len(by_commune),
    )


def _batched(keys: Iterable[Key]) -> Iterator[list[Key]]:
    """The keys in lists that one statement takes."""
    rest = iter(keys)
    while some := list(islice(rest, _BATCH)):
        yield some


def _write_units(units: Mapping[_Key, Unit]) -> list[int]:
    """Store the new and the changed ones and give each its row; the ids of those that are no more."""
    before: dict[_Key, Unit] = {(unit.force, unit.code, unit.name): unit for unit in Unit.objects.all()}
    kept = units.keys() & before.keys()
    for key in kept:
        units[key].pk = before[key].pk
    Unit.objects.bulk_create([unit for key, unit in units.items() if key not in kept], batch_size=_BATCH)
    changed = [units[key] for key in kept if _facts(units[key]) != _facts(before[key])]
    Unit.objects.bulk_update(changed, _FACTS, batch_size=_BATCH // len(_FACTS))
    return [unit.pk for key, unit in before.items() if key not in units]


def _facts(unit: Unit) -> tuple[object, ...]:
    return tuple(getattr(unit, fact) for fact in _FACTS)


def _key(line: Competence) -> _Key:
    return line.force, line.code, line.name


def _unit(line: Competence, desks: "_Desks") -> Unit:
    desk = desks.of(line)
    unit = Unit(force=line.force, code=line.code, name=line.name)
    if desk is not None:
        unit.address, unit.phone_number = desk.address, desk.phone_number
        unit.latitude, unit.longitude = desk.latitude, desk.longitude
    return unit


class _Desks:
    """Finds the desk of a unit: by its number, by its name, by the place in its name. In doubt none: a wrong desk would
    send somebody to the wrong town.
    """

    def __init__(self, desks: Iterable[Desk]) -> None:
        known = list(desks)
        self._by_code = _unique(known, lambda desk: (desk.force, desk.code) if desk.code else None)
        self._by_name = _unique(known, lambda desk: (desk.force, desk.departement, _words(desk.name)))
        self._by_place = _unique(known, lambda desk: (desk.force, desk.departement, _place(desk.name)))

    def of(self, line: Competence) -> Desk | None:
        """The only desk that fits."""
        if line.code and (found := self._by_code.get((line.force, line.code))):
            return found
        own = departement(line.insee)
        return self._by_name.get((line.force, own, _words(line.name))) or (
            self._by_place.get((line.force, own, place)) if (place := _place(line.name)) else None
        )


def _unique(
    desks: Sequence[Desk], key: Callable[[Desk], tuple[object, ...] | None]
) -> Mapping[tuple[object, ...], Desk]:
    found: defaultdict[tuple[object, ...], list[Desk]] = defaultdict(list)
    for desk in desks:
        if (named := key(desk)) is not None:
            found[named].append(desk)
    return {name: same[0] for name, same in found.items() if len(same) == 1}


def _words(name: str) -> tuple[str, ...]:
    letters = unicodedata.normalize("NFD", name.lower())
    return tuple(re.findall(r"[a-z0-9]+", "".join(one for one in letters if not unicodedata.combining(one))))


def _place(name: str) -> tuple[str, ...]:
    return tuple(word for word in _words(name) if word not in _TITLES)
