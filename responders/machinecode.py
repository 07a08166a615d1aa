"""The media core in machine code, made by `make compiled` of the very sources that stand beside it, where it is there.

The sources stay what is read, tested and changed. What was made of other sources, by another Python or for another
machine is not taken: then the sources run.
"""

import hashlib
import platform
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PACKAGE = "responders.sfu"
SOURCES = Path(__file__).parent / "sfu"
MADE = Path(__file__).parent.parent / ".compiled"
GROUP = "responders_sfu"  # the file that all modules share: GROUP__mypyc


def sources() -> Sequence[Path]:
    """What is compiled: every module but the package's own, which has nothing to hurry."""
    return [path for path in sorted(SOURCES.glob("*.py")) if path.stem != "__init__"]


def folder() -> Path:
    """Where machine code of these sources lies for this Python on this machine, whether or not it was made."""
    found = hashlib.sha256(f"{sys.version} {platform.platform()}".encode())
    for path in sources():
        found.update(hashlib.sha256(path.name.encode() + b"\0" + path.read_bytes()).digest())
    return MADE / found.hexdigest()[:16]


def use() -> bool:
    """Let this process import the media core from there, if it is there. RuntimeError: it was imported before."""
    made = folder()
    if not made.is_dir():
        return False
    if PACKAGE in sys.modules:
        raise RuntimeError("the media core was imported before")
    sys.path.append(str(made))
    sys.meta_path.insert(0, _Finder(made))
    return True


class _Finder(MetaPathFinder):
    def __init__(self, made: Path) -> None:
        self._places = [str(made.joinpath(*PACKAGE.split(".")))]

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Modules of the package, and nothing else."""
        if not fullname.startswith(f"{PACKAGE}."):
            return None
        return PathFinder.find_spec(fullname, self._places, target)
