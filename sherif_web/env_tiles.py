"""The setting of the base map: whose pictures lie under the live map, or that there are none."""

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

from sherif_web.env_reader import Reader

# IGN's plan in Web Mercator, levels 0 to 19; its usage page names no limit of rate for WMTS.
# https://geoservices.ign.fr/documentation/services/services-geoplateforme/diffusion
IGN = (
    "https://data.geopf.fr/wmts?SERVICE=WMTS&VERSION=1.0.0&REQUEST=GetTile&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILECOL={x}&TILEROW={y}#© IGN"
)
MOST_ATTRIBUTION = 80  # characters: one line of a telephone
_PLACES = ("{z}", "{x}", "{y}")
_HEADER_BYTES, _RASTER = 127, frozenset({2, 3, 4})  # PMTiles version 3: PNG, JPEG, WebP
_TYPE, _VERSION = 99, 3


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """An address with {z}, {x} and {y}, or a PMTiles file, or neither; `attribution` is shown on the map."""

    template: str = field(default="", repr=False)  # may hold the key of an account
    file: Path | None = None
    attribution: str = ""


def read(reader: Reader) -> Tiles:
    """SHERIF_TILES; what is wrong is in the reader's problems (E022), and then there are no tiles."""
    value = reader.text("SHERIF_TILES", IGN)
    if value.lower() == "none":
        return Tiles()
    if re.match(r"https?://", value, re.IGNORECASE):
        return _template(reader, value)
    return _file(reader, value)


def _template(reader: Reader, value: str) -> Tiles:
    url, fragment = urldefrag(value)
    if wrong := _wrong(url):
        reader.refuse(
            "E022",
            f"SHERIF_TILES {wrong}.",
            "For instance https://tiles.example/{z}/{x}/{y}.png#© Whoever made the map, a .pmtiles file, or none.",
        )
        return Tiles()
    shown = " ".join(unquote(fragment).split())[:MOST_ATTRIBUTION]
    return Tiles(template=url, attribution=shown or urlsplit(url).hostname or "")


def _wrong(url: str) -> str:
    """What is wrong with an address of tiles, or nothing."""
    bare = url
    for place in _PLACES:
        bare = bare.replace(place, "1")
    try:
        parts = urlsplit(bare)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if any(place not in url for place in _PLACES):
        return "does not name {z}, {x} and {y}"
    if re.search(r"[^!-z|~]", bare):
        return "holds braces, blanks or other signs that stand in no address"
    if not host or "{" in urlsplit(url).netloc or parts.username is not None:
        return "names no fixed host, or a person before it"
    if parts.scheme == "http" and not _is_near(host):
        return "is not https: whoever listens would read where is looked"
    return ""


def _is_near(host: str) -> bool:
    """Whether what goes there stays on this machine or in its private network."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return host == "localhost" or "." not in host


def _file(reader: Reader, value: str) -> Tiles:
    path = Path(value)
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        header = b""
    is_raster = len(header) == _HEADER_BYTES and header[_TYPE] in _RASTER
    if not (path.is_absolute() and header.startswith(b"PMTiles") and header[7] == _VERSION and is_raster):
        reader.refuse(
            "E022",
            "SHERIF_TILES is neither an address, nor a PMTiles file (version 3) with pictures in it, nor none.",
            "The whole path of a file that this user may read: its tiles are PNG, JPEG or WebP, never vectors.",
        )
        return Tiles()
    return Tiles(file=path)
