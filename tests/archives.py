"""A PMTiles file as an operator would bring it: one picture for each of some tiles."""

from pathlib import Path
from typing import Any

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import Writer

from tests.tileserver import picture


def write_archive(path: Path, tiles: list[tuple[int, int, int]], *, kind: TileType = TileType.PNG) -> Path:
    """A file with a picture at each of these (level, column, row)."""
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for z, x, y in sorted(tiles, key=lambda tile: zxy_to_tileid(*tile)):
            writer.write_tile(zxy_to_tileid(z, x, y), picture(z, x, y))
        header = {"tile_type": kind, "tile_compression": Compression.NONE}
        writer.finalize(header, {"attribution": '<a href="https://ign.example">© IGN</a> <script>'})
    return path
