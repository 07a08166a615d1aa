"""A recording as she reads it: what came, what is missing, three clocks as they are, and who listened.

Nothing is corrected and nothing is filled in. To be listened to is a line of the log, written before the first byte.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alerts.domain import vault
from alerts.evidence import authority, bundle, reading, stamps
from alerts.evidence.errors import BrokenError, EvidenceError
from alerts.evidence.lines import Line
from alerts.evidence.playing import Playing
from alerts.evidence.reading import Segment
from alerts.evidence.recording import MANIFEST
from alerts.models import Account, Handover, Recording

LISTENED, EXPORTED = "listened", "exported"  # kinds of lines of the log

_MANY = 20


@dataclass(frozen=True, kw_only=True)
class Span:
    """Seconds `first` to `last` of a recording, counted from 0."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many."""
        return self.last - self.first + 1

    @property
    def begins(self) -> str:
        """As a player shows it."""
        return clock(self.first)

    @property
    def ends(self) -> str:
        """As a player shows it."""
        return clock(self.last)


@dataclass(frozen=True, kw_only=True)
class Part(Span):
    """A file that the browser made, and what is missing from its first second on until the next one begins."""

    number: int
    at: datetime
    plays: bool
    gaps: Sequence[Span]

    @property
    def shown_gaps(self) -> Sequence[Span]:
        """The first of them: a telephone may lose every other second."""
        return self.gaps[:_MANY]

    @property
    def more_missing(self) -> int:
        """Seconds in the others."""
        return sum(one.count for one in self.gaps[_MANY:])


@dataclass(frozen=True, kw_only=True)
class Clocks:
    """By how many seconds her telephone's clock was ahead of the server's, the way included: as they are."""

    opening: float
    least: float | None  # of all that came after
    most: float | None

    @property
    def words(self) -> Sequence[str]:
        """In sentences."""
        said = [_("Au début, l'horloge du téléphone %(skew)s.") % {"skew": _ahead(self.opening)}]
        if self.least is not None and self.most is not None:
            extremes = {"least": _signed(self.least), "most": _signed(self.most)}
            said.append(_("Ensuite, l'écart est allé de %(least)s à %(most)s s.") % extremes)
        return said


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """Stamps of one authority, and whether the newest covers all that came."""

    who: str
    count: int
    covers_all: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the manifest says. `before` are gaps ahead of the first part; `counted` whether its telephone counted."""

    seconds: int
    missing: int
    counted: bool
    parts: Sequence[Part]
    before: Sequence[Span]
    clocks: Clocks
    stamped: Sequence[Stamped]

    @property
    def length(self) -> str:
        """Of what came, as a player shows it."""
        return clock(self.seconds)


def clock(seconds: int) -> str:
    """0:07, 12:34 or 1:02:03."""
    minutes, left = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _ahead(skew: float) -> str:
    """With one decimal, in the active language."""
    amount = {"seconds": number_format(abs(skew), decimal_pos=1)}
    return _("avançait de %(seconds)s s") % amount if skew > 0 else _("retardait de %(seconds)s s") % amount


def _signed(skew: float) -> str:
    return f"{'+' if skew > 0 else '-'}{number_format(abs(skew), decimal_pos=1)}"


def seconds_of(recording: Recording) -> int | None:
    """How many seconds came; None where nothing can be read."""
    try:
        return vault.folder(recording.pk).standing().chunks
    except EvidenceError:
        return None


def told(recording: Recording) -> Told:
    """Read all of it. Raises BrokenError where there is nothing, or not what was written."""
    found = manifest(recording)
    gaps = [Span(first=first, last=last) for first, last in reading.gaps(found)]
    parts = _parts(reading.segments(found), gaps)
    begins = parts[0].first if parts else 0
    return Told(
        seconds=sum(line.kind == "chunk" for line in found),
        missing=sum(one.count for one in gaps),
        counted=any(line.kind == "close" and line.facts["reason"] == "phone" for line in found),
        parts=parts,
        before=[gap for gap in gaps if not parts or gap.first < begins],
        clocks=_clocks(found),
        stamped=_stamped(vault.path_of(recording.pk) / MANIFEST, len(found)),
    )


def manifest(recording: Recording) -> Sequence[Line]:
    """Its lines. Raises BrokenError."""
    try:
        found = reading.manifest(vault.path_of(recording.pk))
    except OSError as error:
        raise BrokenError from error
    if not found:
        raise BrokenError
    return found


def _parts(segments: Sequence[Segment], gaps: Sequence[Span]) -> Sequence[Part]:
    begins = [int(one.chunks[0].facts["n"]) for one in segments]
    ends: list[int | None] = [*begins[1:], None]
    return [
        Part(
            number=one.number,
            first=first,
            last=int(one.chunks[-1].facts["n"]),
            at=datetime.fromisoformat(one.chunks[0].facts["at"]),
            plays=one.plays,
            gaps=[gap for gap in gaps if gap.first >= first and (end is None or gap.first < end)],
        )
        for one, first, end in zip(segments, begins, ends, strict=True)
    ]


def _clocks(found: Sequence[Line]) -> Clocks:
    skews = [one for line in found if line.kind == "chunk" and (one := reading.skew(line)) is not None]
    return Clocks(opening=reading.skew(found[0]) or 0.0, least=min(skews, default=None), most=max(skews, default=None))


def _stamped(journal: Path, lines: int) -> Sequence[Stamped]:
    names = {one.name: authority.holder_of(one) for one in vault.every_authority()}
    counts: dict[str, list[int]] = {}
    for one in stamps.kept(journal):
        counts.setdefault(one.authority, []).append(one.count)
    return [
        Stamped(who=names.get(name, name), count=len(covered), covers_all=max(covered) >= lines)
        for name, covered in sorted(counts.items())
    ]


def play(recording: Recording, number: int, account: Account, *, since: datetime, now: datetime) -> Playing:
    """A part to be heard, once it stands in the log that this account heard it.

    A player asks for the same part several times: since `since`, when she typed her code, that is one line. Raises
    BrokenError (there is no such part), EvidenceError: then nothing is heard.
    """
    chunks = next((one.chunks for one in reading.segments(manifest(recording)) if one.number == number), None)
    if chunks is None:
        raise BrokenError
    identity = reading.key(vault.path_of(recording.pk), vault.holder())
    if not _is_noted(recording, number, account, since=since):
        vault.log().add(LISTENED, str(recording.pk), now=now, account=account.pk, segment=number)
    return Playing(folder=vault.path_of(recording.pk), chunks=chunks, identity=identity)


def _is_noted(recording: Recording, number: int, account: Account, *, since: datetime) -> bool:
    return any(
        line.kind == LISTENED
        and (line.facts["account"], line.facts["segment"]) == (account.pk, number)
        and datetime.fromisoformat(line.facts["at"]) >= since
        for line in vault.log().about(str(recording.pk))
    )


def files(
    recording: Recording, account: Account, *, with_sound: bool, kind: str = EXPORTED, now: datetime
) -> Iterator[bundle.Piece]:
    """The expert's bundle, once it stands in the log that this account takes it. Raises EvidenceError."""
    manifest(recording)
    identity = reading.key(vault.path_of(recording.pk), vault.holder()) if with_sound else None
    vault.log().add(kind, str(recording.pk), now=now, account=account.pk, sound=int(with_sound))
    sources = bundle.Sources(
        folder=vault.path_of(recording.pk),
        log=vault.log().path,
        authorities=vault.every_authority(),
        identity=identity,
    )
    return bundle.pieces(sources)


def listed(rows: Iterable[Recording]) -> list[dict[str, object]]:
    """What rows say of them, to take away beside everything else of hers."""
    allowed = dict(
        Handover.objects.filter(recording__in=[one.pk for one in rows]).values_list("recording", "allowed_at")
    )
    names = ("alert_id", "state", "media_type", "started_at", "opened_at", "closed_at", "kept_at", "erase_at")
    return [
        {"id": one.pk, **{name: getattr(one, name) for name in names}, "copy_allowed_at": allowed.get(one.pk)}
        for one in rows
    ]
