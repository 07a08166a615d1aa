"""The base map of this installation, as this process knows it."""

import hashlib
import logging
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from responders import tiles

DEEPEST = 19  # of the levels that servers draw; nearer, the picture of this one is enlarged
_FOLDER = "tiles"

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What lies under the live map: `attribution` is shown on it, `deepest` is the last level there is."""

    base: tiles.BaseMap
    attribution: str
    deepest: int


def here() -> Ground | None:
    """The pictures of these settings, None where there are none."""
    wanted = settings.SHERIF.tiles
    if not (wanted.template or wanted.file):
        return None
    return _ground(wanted.template, wanted.file, wanted.attribution)


def told() -> dict[str, object] | None:
    """What the page needs to know of it; `rests` while its maker fails: then the page draws outlines at once."""
    ground = here()
    if ground is None:
        return None
    return {
        "url": "/tiles/{z}/{x}/{y}",
        "source": ground.attribution,
        "deepest": ground.deepest,
        "rests": ground.base.rests,
    }


@lru_cache(maxsize=1)
def _ground(template: str, file: Path | None, attribution: str) -> Ground | None:
    if file is None:
        # Another source never shows what was kept of this one; its name would tell the key of an account.
        name = hashlib.sha256(template.encode()).hexdigest()[:16]
        base = tiles.of_template(template, settings.SHERIF.data_dir / _FOLDER / name)
        return Ground(base=base, attribution=attribution, deepest=DEEPEST)
    try:
        archive = tiles.Archive(file)
    except (OSError, ValueError, LookupError) as error:
        log.warning("The file of the base map cannot be read: %s", type(error).__name__)
        return None
    return Ground(
        base=tiles.BaseMap(archive),
        attribution=attribution or archive.attribution,
        deepest=min(archive.deepest, tiles.DEEPEST),
    )
