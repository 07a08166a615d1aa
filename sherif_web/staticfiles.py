"""Static files under hashed names, module imports included."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` and `export ... from` too; a missing file or a circle of imports fails the build."""

    support_js_module_import_aggregation = True


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
    """Names, sizes and times of every source file, as one digest."""
    state = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list(None):
            found = Path(storage.path(path)).stat()
            state.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
    return state.hexdigest()
