"""The project's settings, on a data folder of the test run's own."""

import os
import tempfile

os.environ.setdefault("SHERIF_DATA_DIR", tempfile.mkdtemp(prefix="sherif-tests-"))
os.environ.setdefault("SHERIF_TILES", "none")  # no test asks the State's servers

from sherif_web.settings import *  # noqa: F403
from sherif_web.settings import DATABASES, SHERIF, STATIC_ROOT

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, not memory: threads and processes of a test see the same rows under the same locks as in real life.
    DATABASES["default"]["TEST"] = {"NAME": str(SHERIF.data_dir / "test.sqlite3")}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # what serves static files warns about a folder that is not there
