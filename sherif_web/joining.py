"""Files that are always loaded together travel as one: a sheet with those it imports, a page's script with its modules.

The sources stay plain sheets and plain ES modules that any browser loads as they are. Only forms that this project
writes are understood; anything else is refused while files are collected, never guessed.
"""

import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field

Read = Callable[[str], str]

_SHEET = re.compile(r"""^@import\s+["'](?P<name>[^"']+)["']\s*;[ \t]*\n?""", re.MULTILINE)
_ADDRESS = re.compile(r"\burl\(", re.IGNORECASE)
_IMPORT = re.compile(r"""^import\s+(?:(?P<what>[^"';]+?)\s+from\s+)?"(?P<name>\.[^"]+)";[ \t]*$""", re.MULTILINE)
_EXPORT = re.compile(r"^export (?P<kept>(?:async function|function|class|const) (?P<name>[\w$]+))", re.MULTILINE)
_LATER = re.compile(r"""\bimport\("(?P<name>\.[^"]+)"\)""")
_NAMES = re.compile(r"\{(?P<names>[\w$,\s]+)\}", re.ASCII)
_NOT_UNDERSTOOD = re.compile(r"^\s*(?:import|export)\b(?!\()[^\n]*|\bimport\.meta\b", re.MULTILINE)


class JoiningError(ValueError):
    """Files that cannot stand in one."""


def sheet(name: str, read: Read, *, above: tuple[str, ...] = ()) -> str:
    """A style sheet with the sheets that it imports in their places. `read` gives the text of a file by its name.

    Raises JoiningError for a circle, and for a sheet of another folder that names files by addresses relative to it.
    """
    if name in above:
        raise JoiningError(f"style sheets import each other: {' -> '.join((*above, name))}")
    text = read(name)
    if above and posixpath.dirname(name) != posixpath.dirname(above[0]) and _ADDRESS.search(text):
        raise JoiningError(f"{name} names files beside it and cannot stand in {above[0]}")
    return _SHEET.sub(lambda found: sheet(_beside(name, found["name"]), read, above=(*above, name)) + "\n", text)


def script(name: str, read: Read) -> str:
    """A module with everything that it imports, each in a scope of its own; what it loads later stays apart.

    Raises JoiningError for a circle and for an import or export in a form that is not understood.
    """
    joined = _Joined(entry=name, read=read)
    joined.add(name, above=())
    return "\n".join(joined.parts) + "\n"


@dataclass
class _Joined:
    """The modules put together so far, each below those that it needs."""

    entry: str
    read: Read
    parts: list[str] = field(default_factory=list)
    known: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, *, above: tuple[str, ...]) -> str:
        """Put in this module if it is not there yet; the name of the constant that holds its exports."""
        if name in above:
            raise JoiningError(f"modules import each other: {' -> '.join((*above, name))}")
        if name in self.known:
            return self.known[name]
        text = self.read(name)

        def take(found: re.Match[str]) -> str:
            held = self.add(_beside(name, found["name"]), above=(*above, name))
            return _taken(found["what"], held, name)

        body = _LATER.sub(lambda found: f'import("{self._from_entry(name, found["name"])}")', _IMPORT.sub(take, text))
        exported = [found["name"] for found in _EXPORT.finditer(body)]
        body = _EXPORT.sub(lambda found: found["kept"], body)
        if odd := _NOT_UNDERSTOOD.search(body):
            raise JoiningError(f"{name}: {odd.group().strip()} is in no form that can be joined")
        own = self.known[name] = f"module{len(self.known)}"
        self.parts.append(f"const {own} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();")
        return own

    def _from_entry(self, name: str, later: str) -> str:
        """The address of what `name` loads later, as the entry would write it."""
        address = posixpath.relpath(_beside(name, later), posixpath.dirname(self.entry))
        return address if address.startswith(".") else f"./{address}"


def _beside(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))


def _taken(what: str | None, held: str, name: str) -> str:
    """What an import means once the exports of the other module are held by a constant."""
    if what is None:
        return ""
    if found := re.fullmatch(r"\*\s+as\s+([\w$]+)", what):
        return f"const {found[1]} = {held};"
    if names := _NAMES.fullmatch(what):
        return f"const {{{re.sub(r' as ', ': ', names['names'])}}} = {held};"
    raise JoiningError(f"{name}: import {what} is in no form that can be joined")
