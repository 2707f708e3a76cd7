"""Import of the catalogue and the synthesised bank."""

import hashlib
import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction

from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.composition import clip_paths
from soundscapes.engine.paths import bank_dir
from soundscapes.files import journal
from soundscapes.files.local_copies import path_of
from soundscapes.models import Category, Clip, Image, State


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
    with transaction.atomic():
        category.save()
        if "prompts" in changed or "kind" in changed:
            Image.objects.filter(state=State.READY).update(state=State.NEW)


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


def import_bank(progress: Callable[[int, int], None]) -> int:
    """Synthesise missing clips of the bank and store their rows. Return the number of new ones."""
    from soundscapes.engine.sound.bank import build_bank  # scipy: 64 MB that requests do not need

    clips = build_bank(bank_dir(), progress=progress)
    paths = clip_paths(clips)
    known = set(
        Clip.objects.filter(source=Clip.Source.SYNTHESISED).values_list("checksum", flat=True)
    )
    categories = {category.slug: category for category in Category.objects.all()}
    new = [
        Clip(
            category=categories[clip.category],
            file=_name_in_storage(paths[clip.checksum]),
            checksum=clip.checksum,
            source=Clip.Source.SYNTHESISED,
            title=clip.title,
            author=clip.author,
            licence=clip.licence,
            url=clip.url,
            duration=clip.duration,
            loudness=clip.loudness,
        )
        for clip in clips
        if clip.checksum not in known
    ]
    _store_elsewhere(paths.values())
    with transaction.atomic():
        current = [clip.checksum for clip in clips]
        Clip.objects.filter(source=Clip.Source.SYNTHESISED).exclude(checksum__in=current).delete()
        _rename(paths)
        Clip.objects.bulk_create(new)
    return len(new)


def _rename(paths: Mapping[str, Path]) -> None:
    """Move rows to the names of this release, and delete files with other names."""
    for row in Clip.objects.filter(source=Clip.Source.SYNTHESISED, checksum__in=paths):
        old, name = str(row.file), _name_in_storage(paths[row.checksum])
        if old != name:
            journal.delete_on_commit(old)
            Clip.objects.filter(pk=row.pk).update(file=name)


def _name_in_storage(path: Path) -> str:
    return str(path.relative_to(settings.MEDIA_ROOT))


def _store_elsewhere(paths: Iterable[Path]) -> None:
    """Upload missing clips to a remote storage."""
    for path in paths:
        name = _name_in_storage(path)
        if path_of(name) or default_storage.exists(name):
            continue
        with path.open("rb") as file:
            default_storage.save(name, File(file))
