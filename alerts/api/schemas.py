"""What travels between her phone and the service. Units: degrees (WGS 84), metres, metres per second, percent, UTC."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from alerts.domain import alerting, her_alert, sightings, tracking
from alerts.states import AlertKind, AlertState, Channel, DeliveryState, Gesture

MOST_POSITIONS = 500
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_ISO = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def plausible(instant: datetime) -> datetime:
    """The instant in UTC: ISO 8601 has offsets of sixteen hours and more, which PostgreSQL refuses.

    Raises ValueError outside 1970 to 2100: no phone's clock stands there, and arithmetic overflows.
    """
    if not EARLIEST <= instant <= LATEST:
        raise ValueError("not between 1970 and 2100")
    return instant.astimezone(UTC)


def _spelt(value: object) -> object:
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        raise ValueError("not an ISO 8601 date and time with its offset, such as 2026-06-01T10:00:00Z")
    return value


def _text(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004 - pydantic listens to ValueError alone
    return value


def _number(low: float, high: float, meaning: str) -> Any:
    """A JSON number: no text, no boolean, no NaN, no infinity."""
    return Field(strict=True, allow_inf_nan=False, ge=low, le=high, description=meaning)


Instant = Annotated[
    AwareDatetime,
    BeforeValidator(_spelt),
    AfterValidator(plausible),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "ISO 8601 with its offset, between 1970 and 2100, by the phone's clock.",
            "examples": ["2026-06-01T10:00:00Z"],
        }
    ),
]
Identifier = Annotated[
    UUID, BeforeValidator(_text), Field(description="Drawn by the client; a repeat with the same id changes nothing.")
]
Percent = Annotated[float, _number(0, 100, "Battery, percent.")]
SentAt = Annotated[
    Instant | None,
    Field(description="When the call left, by the phone's clock. Without it the server's clock decides."),
]


class _Received(BaseModel):
    """Fields that we do not know are ignored, so that a newer client still reaches an older service."""

    model_config = ConfigDict(extra="ignore")


class Position(_Received):
    """One fix of her phone."""

    id: Identifier
    latitude: Annotated[float, _number(-90, 90, "Degrees north, WGS 84.")]
    longitude: Annotated[float, _number(-180, 180, "Degrees east, WGS 84.")]
    accuracy: Annotated[float, _number(0, 1e7, "Metres.")] | None = None
    speed: Annotated[float, _number(0, 1e4, "Metres per second.")] | None = None
    heading: Annotated[float, _number(0, 360, "Degrees from north, clockwise.")] | None = None
    altitude: Annotated[float, _number(-1e5, 1e5, "Metres.")] | None = None
    battery: Percent | None = None
    recorded_at: Instant

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "7b0c6e1e-52b5-4a83-9a42-0d6f4f0a1c55",
                    "latitude": 49.4179,
                    "longitude": 2.8261,
                    "accuracy": 12.0,
                    "speed": 1.4,
                    "heading": 270,
                    "altitude": 41,
                    "battery": 63,
                    "recorded_at": "2026-06-01T10:00:00Z",
                }
            ]
        }
    )

    def fix(self) -> tracking.Fix:
        """The same as the record knows it."""
        return tracking.Fix(
            uid=self.id,
            latitude=self.latitude,
            longitude=self.longitude,
            accuracy=self.accuracy,
            speed=self.speed,
            heading=self.heading,
            altitude=self.altitude,
            battery=None if self.battery is None else round(self.battery),
            recorded_at=self.recorded_at,
        )


class Click(_Received):
    """What her hand did: single is prevention, double is rescue, long is alarm."""

    id: Identifier
    gesture: Gesture
    clicked_at: Instant
    sent_at: SentAt = None
    position: Position | None = None
    battery: Percent | None = None

    def report(self, *, now: datetime) -> alerting.ClickReport:
        """The same as the record knows it. A fix from the future keeps its place on earth, not its time: it would
        otherwise stay the newest for as long as that future lasts.
        """
        sent_at = self.sent_at or now
        fix = self.position.fix() if self.position else None
        if fix is not None and fix.recorded_at > sent_at:
            fix = replace(fix, recorded_at=sent_at)
        return alerting.ClickReport(
            uid=self.id,
            gesture=self.gesture,
            clicked_at=self.clicked_at,
            sent_at=sent_at,
            fix=fix,
            battery=None if self.battery is None else round(self.battery),
        )


class Positions(_Received):
    """Fixes in any order; those that wait on the phone come first or last as it likes."""

    sent_at: SentAt = None
    positions: Annotated[list[Position], Field(max_length=MOST_POSITIONS)]


class Close(_Received):
    """Her end of an alert."""

    alert: Annotated[UUID, BeforeValidator(_text), Field(description="Which alert.")]
    pin: Annotated[str, Field(strict=True, max_length=64, description="Her PIN, as text.", examples=["4711"])]
    reason: Annotated[Literal["safe", "false_alarm"], Field(description="What her contacts are told.")]


class CutOff(_Received):
    """Whom she takes out of her alert."""

    alert: Annotated[UUID, BeforeValidator(_text), Field(description="Which alert.")]
    contact: Annotated[int, Field(strict=True, ge=1, le=2**53 - 1, description="The contact's `id` in the alert.")]
    pin: Annotated[str, Field(strict=True, max_length=64, description="Her PIN, as text.", examples=["4711"])]


class ButtonLevel(_Received):
    """A Bluetooth button that her phone hears."""

    battery: Percent | None = None


class Standing(_Received):
    """How her phone stands."""

    position: Annotated[
        sightings.Permission,
        Field(description="Whether its page may know where she is (Permissions, W3C); absent: it never can."),
    ]
    battery: Percent | None = None
    button: Annotated[
        ButtonLevel | None,
        Field(description="Her button, as long as it is heard; null: she uses none; left out: hers is not heard."),
    ] = None

    def told(self) -> sightings.Standing:
        """The same as the record knows it."""
        level = self.button.battery if self.button else None
        silent = sightings.Joined.NONE if "button" in self.model_fields_set else sightings.Joined.NO
        return sightings.Standing(
            position=self.position,
            battery=None if self.battery is None else round(self.battery),
            button=sightings.Joined.YES if self.button else silent,
            button_battery=None if level is None else round(level),
        )


class Code(_Received):
    """The eight characters that her profile shows; case, spaces and hyphens do not matter."""

    code: Annotated[str, Field(strict=True, max_length=64, examples=["ABCD-2345"])]


class Credentials(BaseModel):
    """Told once, at pairing."""

    token: Annotated[str, Field(description="The bearer token; also OwnTracks' password.")]
    osmand_id: Annotated[str, Field(description="The identifier for clients of the OsmAnd protocol, nothing else.")]


class Delivery(BaseModel):
    """How far the messages to one contact got by one channel since the click, or the stronger one, that told last."""

    channel: Channel
    state: DeliveryState


class Told(BaseModel):
    """One contact who is told, in her order; who was cut off stays in the list."""

    id: Annotated[int, Field(description="Names the contact to `POST /alert/cut-off`.")]
    name: str
    deliveries: list[Delivery]
    opened: Annotated[bool, Field(description="Whether the personal link was opened by a human.")]
    in_charge: Annotated[bool, Field(description="Takes charge now.")]
    declined: Annotated[bool, Field(description="Answered that she or he cannot help.")]
    stopped: Annotated[bool, Field(description="This number answered STOP: no SMS reaches it.")]


class Alert(BaseModel):
    """Her alert as her phone may show it. Once it has ended, what goes on among the contacts is not shown."""

    id: UUID
    kind: AlertKind
    state: Annotated[AlertState, WithJsonSchema({"type": "string", "enum": ["open", "closed", "expired"]})]
    drill: Annotated[bool, Field(description="An exercise: nobody is in danger.")]
    opened_at: datetime
    contacts: Annotated[list[Told], Field(description="Empty once the alert has ended.")]
    in_charge: Annotated[str | None, Field(description="The name of the contact who takes charge.")]
    nobody_reached: Annotated[
        bool,
        Field(description="A minute after the click or later, nobody is known to have received it yet."),
    ]

    @classmethod
    def of(cls, alert: her_alert.HerAlert) -> "Alert":
        """The same as the record shows it."""
        contacts = [
            Told(
                id=told.id,
                name=told.name,
                deliveries=[Delivery(channel=channel, state=state) for channel, state in told.deliveries],
                opened=told.opened,
                in_charge=told.in_charge,
                declined=told.declined,
                stopped=told.stopped,
            )
            for told in alert.contacts
        ]
        return cls(
            id=alert.id,
            kind=alert.kind,
            state=alert.state,
            drill=alert.drill,
            opened_at=alert.opened_at,
            contacts=contacts,
            in_charge=alert.in_charge,
            nobody_reached=alert.nobody_reached,
        )


class ClickAnswer(BaseModel):
    """The alert that the click opened, upgraded or joined."""

    alert: Alert


class AlertAnswer(BaseModel):
    """Her open alert."""

    alert: Alert | None


class Tally(BaseModel):
    """What became of the fixes; the three numbers add up to what was sent."""

    stored: int
    known: Annotated[int, Field(description="Already stored, by their id.")]
    refused: Annotated[int, Field(description="Recorded outside an alert, or in the future: forget them.")]


class Closed(BaseModel):
    """The alert has ended."""

    state: Literal["closed"] = "closed"


class Cut(BaseModel):
    """This contact's link opens nothing any more."""

    state: Literal["cut_off"] = "cut_off"


class Begin(BaseModel):
    """A recording that her press began."""

    id: UUID
    started_at: Instant
    media_type: Annotated[
        str,
        Field(
            pattern=r"^audio/[a-z0-9.+-]+(;\s*codecs=[\w.,\"-]+)?$", max_length=60, examples=["audio/webm;codecs=opus"]
        ),
    ]


class Begun(BaseModel):
    """It is open: send its seconds."""

    id: UUID


class Sealed(BaseModel):
    """What a phone keeps of an acknowledged second."""

    sequence: Annotated[int, Field(description="The line of the manifest in which it stands.")]
    head: Annotated[
        str, Field(description="SHA-256 of that line, which holds all before it.", pattern=r"^[0-9a-f]{64}$")
    ]


class CloseRecording(BaseModel):
    """How many seconds the phone made."""

    chunks: Annotated[int, Field(ge=0, le=1_000_000)]


class ClosedRecording(BaseModel):
    """What has arrived."""

    chunks: int
    missing: list[int]
    head: str


class Settings(BaseModel):
    """What her phone does of itself, and the links that set up a background client in one tap."""

    siren: Annotated[bool, Field(description="A long press sounds a siren.")]
    recording: Annotated[bool, Field(description="A long press records sound.")]
    interval_seconds: Annotated[int, Field(description="Seconds between two fixes during an alert.")]
    osmand_id: str
    owntracks_link: Annotated[str, Field(description="Holds the token of this very request: a secret.")]
    traccar_link: str


class Inbound(BaseModel):
    """Where her click can be written when there is no data."""

    number: Annotated[
        str | None,
        Field(description="A text of 1, 2 or 3 from her own number to this one is a click; null where none would be."),
    ]


class Problem(BaseModel):
    """Why a call was refused."""

    code: Annotated[str, Field(pattern=r"^[a-z0-9_]+$", examples=["stale_click"])]
    message: Annotated[str, Field(description="A sentence for the person who builds a client.")]
    fields: Annotated[dict[str, str], Field(description="Which values are wrong, by their dotted path.")]


class Error(BaseModel):
    """Every refusal has this shape."""

    error: Problem
