"""Import of the catalogue."""

import hashlib
import json
from collections.abc import Container
from dataclasses import asdict

from django.db import transaction

from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.models import Category, Image
from soundscapes.sounds import offers


def import_catalogue() -> int:
    """Update unedited categories from the shipped catalogue. Return the number changed."""
    changed = 0
    with transaction.atomic():
        rows = {row.slug: row for row in Category.objects.all()}
        for shipped in load_catalogue():
            changed += _import_category(shipped, rows.get(shipped.slug))
    return changed


def edit_category(category: Category, changed: Container[str]) -> None:
    """Save a category whose fields named in `changed` were edited.

    Rankings stay until the next request, which ranks the image again from its stored vectors.
    """
    with transaction.atomic(), offers.followed():
        category.save()
        if "prompts" in changed or "kind" in changed:
            Image.objects.rank_again()


def _import_category(shipped: CatalogueCategory, row: Category | None) -> int:
    digest = _digest(shipped)
    if row is not None and (row.shipped_digest == digest or _is_edited(row)):
        return 0
    values = asdict(shipped) | {
        "kind": shipped.kind.value,
        "prompts": list(shipped.prompts),
        "shipped_digest": digest,
    }
    Category.objects.update_or_create(slug=shipped.slug, defaults=values)
    return 1


def _is_edited(row: Category) -> bool:
    return _digest(row.to_engine()) != row.shipped_digest


def _digest(category: CatalogueCategory) -> str:
    return hashlib.sha256(json.dumps(asdict(category), sort_keys=True).encode()).hexdigest()
