"""The street of a position, asked of a geocoder by geopy. A third party learns the position: only where configured.

Answers are those of the French address base (BAN): https://adresse.data.gouv.fr/outils/api-doc/adresse, served by the
IGN since 2026. What comes back is a stranger's text: cut, cleaned, and believed only where it is close by.
"""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import requests
from geopy.adapters import BaseSyncAdapter
from geopy.exc import GeopyError
from geopy.geocoders import BANFrance
from urllib3.exceptions import HTTPError

SECONDS = 3.0
MOST_METRES = 100
_MOST_BYTES = 64 * 1024
_MOST_CHARACTERS = 80
_CHUNK = 4_096
_EXACT = "housenumber"
_USER_AGENT = "monsherif"
_GARBAGE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


class GeocoderError(Exception):
    """No answer that could be used; the message names no position."""


@dataclass(frozen=True, kw_only=True)
class Street:
    """The nearest address: `12 Rue des Lombards` where a house is known, else the street; its commune by INSEE code."""

    name: str
    exact: bool
    insee: str


class Geocoder:
    """One address base. Any number of threads may ask."""

    def __init__(self, url: str, *, seconds: float = SECONDS) -> None:
        parts = urlsplit(url)
        self._base = BANFrance(
            domain=f"{parts.netloc}{parts.path}",
            scheme=parts.scheme,
            timeout=seconds,
            user_agent=_USER_AGENT,
            adapter_factory=_HurriedAdapter,
        )

    def street(self, latitude: float, longitude: float) -> Street | None:
        """The street of a position, within the time given to the whole conversation; None where there is none near.

        Raises GeocoderError.
        """
        try:
            found = self._base.reverse((latitude, longitude))
        except (GeopyError, *_GARBAGE) as error:
            raise GeocoderError(f"the geocoder gave no answer ({type(error).__name__})") from None
        return None if found is None else _read(found.raw)


def _read(feature: object) -> Street | None:
    """The street in a feature of the answer, if it is one and near."""
    facts = feature.get("properties") if isinstance(feature, dict) else None
    if not isinstance(facts, dict) or facts.get("type") not in {_EXACT, "street", "locality"}:
        return None
    name, distance = facts.get("name"), facts.get("distance", 0)
    if not isinstance(name, str) or not isinstance(distance, int | float) or not 0 <= distance <= MOST_METRES:
        return None
    clean = " ".join("".join(one if one.isprintable() else " " for one in name[: 4 * _MOST_CHARACTERS]).split())
    if not clean:
        return None
    return Street(
        name=clean[:_MOST_CHARACTERS], exact=facts["type"] == _EXACT, insee=str(facts.get("citycode", ""))[:5]
    )


class _HurriedAdapter(BaseSyncAdapter):  # type: ignore[misc]  # published without types
    """One GET with one deadline, no redirect, no cookie, and an end to what is read."""

    def __init__(self, *, proxies: object, ssl_context: object) -> None:
        super().__init__(proxies=proxies, ssl_context=ssl_context)

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        """The answer as JSON. Raises ValueError if it is none."""
        return json.loads(self.get_text(url, timeout=timeout, headers=headers))

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        """The answer. Raises GeopyError."""
        deadline = time.monotonic() + timeout
        try:
            request = requests.get(url, timeout=timeout / 2, headers=dict(headers), allow_redirects=False, stream=True)
            with closing(request) as answer:
                if answer.status_code != HTTPStatus.OK:
                    raise GeopyError(str(answer.status_code))
                return _body(answer, deadline)
        except (requests.RequestException, HTTPError, OSError) as error:
            raise GeopyError(type(error).__name__) from None


def _body(answer: requests.Response, deadline: float) -> str:
    """What came, as it comes: a server that drips is left at the deadline."""
    read = bytearray()
    while chunk := answer.raw.read1(_CHUNK, decode_content=False):
        read += chunk
        if len(read) > _MOST_BYTES or time.monotonic() > deadline:
            raise GeopyError("too long")
    return read.decode("utf-8")
