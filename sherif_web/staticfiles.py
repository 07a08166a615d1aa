"""Static files under hashed names, module imports included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Rewrites `import` and `export ... from` too; a missing file or a circle of imports fails the build."""

    support_js_module_import_aggregation = True
