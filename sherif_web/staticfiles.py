"""Static files under hashed names, module imports included, our own without what only their authors read."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from sherif_web import lightening

_WAITED_FOR = (*lightening.OWN, "icons/", "vendor/")


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` and `export ... from` too; a missing file or a circle of imports fails the build."""

    support_js_module_import_aggregation = True
    _compressor: type[Compressor] = Compressor

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[tuple[str, str, Any]]:
        """Make our own files lighter, then hash and compress what was collected instead of its sources."""
        if not options.get("dry_run"):
            self._lighten(paths)
            paths = {name: (self, name) for name in paths}
        yield from super().post_process(paths, *args, **options)

    def compress_files(self, paths: set[str]) -> Iterator[tuple[str, str]]:
        """As small as it goes where a telephone waits for it; the rest in the time that a first start has."""
        waited_for = {path for path in paths if path.startswith(_WAITED_FOR) and not path.endswith(".map")}
        for kind, share in ((lightening.SmallestCompressor, waited_for), (Compressor, paths - waited_for)):
            self._compressor = kind
            yield from super().compress_files(share)

    def create_compressor(self, **options: Any) -> Compressor:
        """The one whose turn it is."""
        return self._compressor(**options)

    def _lighten(self, paths: dict[str, Any]) -> None:
        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as source:
                return str(source.read().decode("utf-8"))

        for name in paths:
            text = lightening.lighter(name, read)
            if text is not None:
                Path(self.path(name)).write_text(text, encoding="utf-8")


def collect_if_changed() -> bool:
    """Collect, hash and compress the static files unless they are those of the last time; whether it did.

    Compressing takes seconds; a service that was just killed must be back sooner than that.
    """
    stamp = Path(settings.STATIC_ROOT) / "collected"
    state = _state_of_sources()
    if stamp.exists() and stamp.read_text(encoding="ascii") == state:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(state, encoding="ascii")
    return True


def _state_of_sources() -> str:
    """What makes the files out of what: the tools' versions, names, sizes and times of every source, as one digest."""
    state = hashlib.sha256(lightening.TOOLS.encode())
    for finder in get_finders():
        for path, storage in finder.list(None):
            found = Path(storage.path(path)).stat()
            state.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return state.hexdigest()
