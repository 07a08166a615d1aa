"""The street beside the commune, where the installation asks for streets (SHERIF_STREETS). Off by default.

Never on the alert's path: a position is stored and told first, then asked about on a thread aside, and the answer is
told to the pages when it is there. Messages do not wait for it. Answers are kept in memory alone, and for a while.
Whatever goes wrong, there is no street and everything else goes on.
"""

import logging
import queue
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.db import connections

from alerts import broadcast, places
from alerts.models import Alert
from alerts.places import plane
from alerts.providers.geocoder import Geocoder, GeocoderError, Street
from alerts.states import LIVE_FOR_CONTACTS

AGAIN_AFTER = 5.0  # seconds between two questions about one alert
BESIDE = 40  # metres from where a street was found: still that street
_ROUNDED = 4  # decimals: about ten metres
_KEPT, _WAITING, _THREADS = 2_048, 512, 4

Spot = tuple[float, float]
Words = Mapping[str, str]
Key = TypeVar("Key")
Value = TypeVar("Value")
log = logging.getLogger(__name__)


def words(street: Street, spot: Spot) -> Words | None:
    """A street in each language; None where it lies in another commune than the position does."""
    place = places.find(*spot)
    if place is not None and not place.near and street.insee not in {"", place.insee}:
        return None
    if not street.exact:
        return {"fr": street.name, "en": street.name}
    return {"fr": f"près du {street.name}", "en": f"near {street.name}"}


class Asker:
    """Asks about many alerts on a few threads, about each at most every few seconds, and remembers the answers.

    `look_up` finds a street (raises GeocoderError), `tell` says it to the pages of an alert, `clock` is in seconds.
    """

    def __init__(
        self,
        look_up: Callable[[float, float], Street | None],
        tell: Callable[[UUID, Words], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._look_up = look_up
        self._tell = tell
        self._clock = clock
        self._lock = threading.Lock()
        self._found: OrderedDict[Spot, Words | None] = OrderedDict()
        self._last: OrderedDict[UUID, tuple[Spot, Words]] = OrderedDict()
        self._asked: OrderedDict[UUID, float] = OrderedDict()
        self._waiting: queue.Queue[tuple[UUID, Spot]] = queue.Queue(_WAITING)
        self._threads: list[threading.Thread] = []

    def known(self, alert: UUID, spot: Spot) -> Words | None:
        """The street of a position: asked about before, or that of this alert a few steps ago."""
        with self._lock:
            if (found := self._found.get(_rounded(spot))) is not None:
                return found
            last, street = self._last.get(alert, (None, None))
        return street if last is not None and _metres(last, spot) <= BESIDE else None

    def wonder(self, alert: UUID, spot: Spot) -> None:
        """Have the street of this alert's newest position found; returns at once."""
        place, now = _rounded(spot), self._clock()
        with self._lock:
            if place in self._found or now - self._asked.get(alert, -AGAIN_AFTER) < AGAIN_AFTER:
                return
            _keep(self._asked, alert, now)
            self._begin()
        try:
            self._waiting.put_nowait((alert, place))
        except queue.Full:
            log.warning("Too many streets are waited for: one was left out.")

    def _begin(self) -> None:
        while len(self._threads) < _THREADS:
            name = f"streets-{len(self._threads)}"
            thread = threading.Thread(target=self._work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            alert, spot = self._waiting.get()
            try:
                self._answer(alert, spot)
            except GeocoderError as error:
                log.warning("No street: %s.", error)
            except Exception as error:  # noqa: BLE001 - the thread goes on with the next one
                log.error("A street was not told (%s).", type(error).__name__)  # noqa: TRY400
            finally:
                connections.close_all()
                self._waiting.task_done()

    def _answer(self, alert: UUID, spot: Spot) -> None:
        street = self._look_up(*spot)
        spoken = words(street, spot) if street is not None else None
        with self._lock:
            _keep(self._found, spot, spoken)
            if spoken is not None:
                _keep(self._last, alert, (spot, spoken))
        if spoken is not None:
            self._tell(alert, spoken)


def known(alert: UUID, latitude: float, longitude: float) -> Words | None:
    """The street of a position if it is known already; asks nobody."""
    asker = here()
    return asker.known(alert, (latitude, longitude)) if asker else None


def wonder(alert: UUID, latitude: float, longitude: float) -> None:
    """Have a street found and told to the pages, if the installation asks for streets; returns at once."""
    if asker := here():
        asker.wonder(alert, (latitude, longitude))


def here() -> Asker | None:
    """The asker of this process; None where streets are off."""
    return _asker(settings.SHERIF.streets) if settings.SHERIF.streets else None


@cache
def _asker(url: str) -> Asker:
    return Asker(Geocoder(url).street, tell)


def tell(alert_id: UUID, street: Words) -> None:
    """Tell the pages of an alert that is not over."""
    live = Alert.objects.filter(pk=alert_id, state__in=LIVE_FOR_CONTACTS)
    sequence = live.values_list("sequence", flat=True).first()
    if sequence is not None:
        broadcast.publish(alert_id, {"type": "presence", "sequence": sequence, "street": dict(street)})


def _rounded(spot: Spot) -> Spot:
    return round(spot[0], _ROUNDED), round(spot[1], _ROUNDED)


def _metres(one: Spot, other: Spot) -> float:
    north, east = (other[0] - one[0]) * 100_000, (other[1] - one[1]) * 100_000
    y = round(one[0] * 100_000)
    return float(((north * plane.METRES_NORTH) ** 2 + (east * plane.metres_east(y)) ** 2) ** 0.5)


def _keep(kept: "OrderedDict[Key, Value]", key: Key, value: Value) -> None:
    """Remember, and forget the oldest."""
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > _KEPT:
        kept.popitem(last=False)
