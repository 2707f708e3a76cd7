"""Static files under names that change with their content, so that browsers may keep them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.staticfiles.storage import ManifestFilesMixin
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

_SCRIPTS, MODULE_IMPORTS = ManifestFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]


class HashedModules(CompressedManifestStaticFilesStorage):
    """Our modules import each other by these names, too: none is ever older than its importer.

    Django's own switch for that reads every script, and stumbles over bundles of others whose
    imports are none.
    """

    patterns = (*ManifestFilesMixin.patterns, ("js/*.js", MODULE_IMPORTS))

    def create_compressor(self, **options: Any) -> Compressor:
        """gzip: Brotli is there or not as other packages bring it, and takes ten times as long."""
        return Compressor(use_brotli=False, **options)  # type: ignore[no-untyped-call]

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """What pages name, and once: what has such a name never changes."""
        named = set(self.hashed_files.values())
        missing = [path for path in paths if path in named and not self.exists(f"{path}.gz")]
        yield from super().compress_files(missing)  # type: ignore[no-untyped-call]
