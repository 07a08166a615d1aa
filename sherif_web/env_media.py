"""The settings of the video room: where media arrives, how the web reaches its process, which relays browsers use."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from sherif_web.env_reader import Reader

MOST_SERVERS = 8
LONGEST_SOCKET_PATH = 107  # bytes: sockaddr_un of Linux, without its final zero
_PUBLIC_UDP, _LOOPBACK_UDP = "0.0.0.0:10000", "0.0.0.0:0"
_HIGHEST_PORT = 65_535
_SECRET_CHARACTERS = 24
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\])"
_STUN = re.compile(rf"stuns?:{_HOST}(?::\d{{1,5}})?")  # RFC 7064
_TURN = re.compile(rf"turns?:{_HOST}(?::\d{{1,5}})?(?:\?transport=(?:udp|tcp))?")  # RFC 7065

IceServers = tuple[tuple[str, ...], ...]
Level = Literal["fast", "stock"]


@dataclass(frozen=True, kw_only=True)
class Media:
    """What the web and the media process both read; `udp` is an address and a port, 0 for any free one.

    `address` is the one told to browsers (or several, comma-separated), empty for that of `udp`. `only_here`: only
    this machine's own browsers are answered; they are told its address in its network all the same, because Firefox
    makes no call over loopback. `url` is empty for a socket in the data folder. Every entry of `ice_servers` lists the
    addresses of one server; credentials of a relay are drawn when needed.
    """

    udp: tuple[str, int]
    address: str
    only_here: bool
    level: Level
    url: str = field(repr=False)
    ice_servers: IceServers
    turn_secret: str = field(repr=False)

    @property
    def reachable(self) -> bool:
        """Whether browsers elsewhere are told an address to which they can send."""
        told = [ip_address(one) for one in (self.address or self.udp[0]).split(",")]
        return not any(one.is_unspecified or one.is_loopback for one in told)


def read(reader: Reader, *, on_loopback: bool) -> Media:
    """The settings of the room; what is wrong is in the reader's problems (E002, E017 to E021)."""
    servers = _ice_servers(reader)
    return Media(
        udp=_udp(reader, on_loopback=on_loopback),
        address=_address(reader),
        only_here=on_loopback and not reader.text("SHERIF_MEDIA_UDP"),
        level=_level(reader),
        url=_url(reader),
        ice_servers=servers,
        turn_secret=_turn_secret(reader, servers),
    )


def _udp(reader: Reader, *, on_loopback: bool) -> tuple[str, int]:
    default = _LOOPBACK_UDP if on_loopback else _PUBLIC_UDP
    host, _, port = reader.text("SHERIF_MEDIA_UDP", default).rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not (_is_address(host) and port.isascii() and port.isdigit() and int(port) <= _HIGHEST_PORT):
        reader.refuse("E017", "SHERIF_MEDIA_UDP is not an address and a port.", f"For instance {_PUBLIC_UDP}")
        return "127.0.0.1", 0
    return host, int(port)


def _address(reader: Reader) -> str:
    listed = reader.listed("SHERIF_MEDIA_ADDRESS")
    if any(not _is_address(one) or ip_address(one).is_unspecified for one in listed):
        reader.refuse(
            "E018", "SHERIF_MEDIA_ADDRESS is not an IP address.", "The public address of the machine, without a port."
        )
        return ""
    return ",".join(listed)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return "%" not in text


def _level(reader: Reader) -> Level:
    level = reader.text("SHERIF_MEDIA_LEVEL", "fast")
    if level not in {"fast", "stock"}:
        reader.refuse("E002", "SHERIF_MEDIA_LEVEL is neither fast nor stock.", "The default is fast.")
    return "stock" if level == "stock" else "fast"


def _url(reader: Reader) -> str:
    """A socket of this machine, or another machine's door: whoever reads what passes there can listen in."""
    url = reader.text("SHERIF_MEDIA_URL")
    path = url.removeprefix("unix:")
    if not url or (path != url and Path(path).is_absolute() and len(os.fsencode(path)) <= LONGEST_SOCKET_PATH):
        return url
    if not _is_private_door(urlsplit(url)):
        reader.refuse(
            "E019",
            "SHERIF_MEDIA_URL is neither unix:/path (107 bytes at most) nor http://token@address:port in a private"
            " network, with a token of 24 characters or more.",
            "For instance http://$(openssl rand -hex 24)@10.0.0.5:8090, on both machines.",
        )
        return ""
    return url


def _is_private_door(parts: SplitResult) -> bool:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.scheme != "http" or not port or parts.path.strip("/") or parts.query or parts.password:
        return False
    if not _is_address(host) or ip_address(host).is_global or ip_address(host).is_unspecified:
        return False
    return len(parts.username or "") >= _SECRET_CHARACTERS


def _ice_servers(reader: Reader) -> IceServers:
    """SHERIF_ICE_SERVERS, as RTCConfiguration.iceServers has them. Never a third party's unless it says so."""
    try:
        listed = json.loads(reader.text("SHERIF_ICE_SERVERS", "[]"))
        servers = tuple(_server(one) for one in listed) if isinstance(listed, list) else None
    except (ValueError, RecursionError):
        servers = None
    if servers is None or len(servers) > MOST_SERVERS:
        reader.refuse(
            "E020",
            "SHERIF_ICE_SERVERS is not a JSON list of at most eight servers with nothing but urls.",
            'For instance [{"urls": ["turn:turn.sos.example:3478", "turns:turn.sos.example:443?transport=tcp"]}];'
            " credentials that never end are refused: set SHERIF_TURN_SECRET.",
        )
        return ()
    return servers


def _server(listed: object) -> tuple[str, ...]:
    """One server's addresses. Raises ValueError for anything but stun, stuns, turn and turns."""
    if not isinstance(listed, dict) or set(listed) != {"urls"}:
        raise ValueError("not a server with urls alone")
    urls = [listed["urls"]] if isinstance(listed["urls"], str) else listed["urls"]
    if not isinstance(urls, list) or not urls:
        raise ValueError("no urls")
    if not all(isinstance(url, str) and (_STUN.fullmatch(url) or _TURN.fullmatch(url)) for url in urls):
        raise ValueError("not the address of a server")
    return tuple(urls)


def is_relay(urls: Sequence[str]) -> bool:
    """Whether a server with these addresses asks for credentials."""
    return any(url.startswith("turn") for url in urls)


def _turn_secret(reader: Reader, servers: IceServers) -> str:
    secret = reader.text("SHERIF_TURN_SECRET")
    if any(is_relay(urls) for urls in servers) and len(secret) < _SECRET_CHARACTERS:
        reader.refuse(
            "E021",
            "SHERIF_TURN_SECRET is missing or shorter than 24 characters: anybody could relay through the server.",
            "Draw one: openssl rand -hex 32, and give the same to coturn as static-auth-secret.",
        )
    return secret
