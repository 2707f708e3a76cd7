"""Static files under names that change with their content, so that browsers may keep them."""

from __future__ import annotations

from django.contrib.staticfiles.storage import ManifestFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_SCRIPTS, MODULE_IMPORTS = ManifestFilesMixin._js_module_import_aggregation_patterns  # type: ignore[attr-defined]


class HashedModules(CompressedManifestStaticFilesStorage):
    """Our modules import each other by these names, too: none is ever older than its importer.

    Django's own switch for that reads every script, and stumbles over bundles of others whose
    imports are none.
    """

    patterns = (*ManifestFilesMixin.patterns, ("js/*.js", MODULE_IMPORTS))
