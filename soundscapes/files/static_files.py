"""Static files under content-hashed names, for long caching."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.storage import ManifestFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_SCRIPTS, MODULE_IMPORTS = ManifestFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]


class HashedModules(CompressedManifestStaticFilesStorage):
    """Hash imports between our modules, so that no module imports an outdated one.

    Django's own setting rewrites every script and fails on bundles.
    """

    patterns = (*ManifestFilesMixin.patterns, ("js/*.js", MODULE_IMPORTS))

    def create_compressor(self, **options: Any) -> Compressor:
        """Use only gzip: Brotli needs another package and takes ten times as long."""
        return Compressor(use_brotli=False, **options)  # type: ignore[no-untyped-call]

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Compress only hashed files, and only once, because they never change.

        Source maps, which only debuggers load, would take as long as all others.
        """
        named = {path for path in self.hashed_files.values() if not path.endswith(".map")}
        missing = [path for path in paths if path in named and not self.exists(f"{path}.gz")]
        yield from super().compress_files(missing)  # type: ignore[no-untyped-call]
