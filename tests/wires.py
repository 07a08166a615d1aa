"""A way to the service: HTTP to a real one here, Django's test client in `tests.phones`. Nothing here needs Django."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the service answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The decoded body."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The code of a refusal."""
        code: str = self.json["error"]["code"]
        return code


class Wire(Protocol):
    """A way to the service."""

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """One request, one answer."""
        ...


class OverHttp:
    """A real server; every call on a connection of its own, as phones on bad networks do."""

    def __init__(self, base_url: str) -> None:
        self._origin = urlsplit(base_url)

    def send(self, method: str, path: str, *, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """One request over TCP."""
        secure = self._origin.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._origin.hostname or "", self._origin.port, timeout=PATIENCE_SECONDS)
        try:
            connection.request(method, path, body=body, headers=dict(headers))
            answer = connection.getresponse()
            return Reply(status=answer.status, headers=dict(answer.getheaders()), body=answer.read())
        finally:
            connection.close()
