"""Clips of the synthesised bank, made category by category.

The planner chooses among all clips of a category, so a category whose clips are awaited gets them
before a plan is made: the plan does not depend on how much of the bank exists.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet

from soundscapes.engine.composition import clip_paths
from soundscapes.engine.paths import bank_dir
from soundscapes.engine.recordings.clip_files import COLUMNS
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.clips import Clip as EngineClip
from soundscapes.engine.sound.plots import waveform
from soundscapes.files import journal
from soundscapes.files.local_copies import path_of
from soundscapes.models import Category, Clip, Generation
from soundscapes.sounds import offers

Progress = Callable[[int, int], None]


def import_built() -> int:
    """Import the clips that are in the bank's folder and await all others. Return the new ones."""
    from soundscapes.engine.sound.bank import bank_categories, built_categories

    built = built_categories(bank_dir())
    awaited = set(bank_categories()).difference(built)
    Category.objects.filter(slug__in=awaited).update(awaits_clips=True)
    new = import_bank(built)
    offers.follow_installation()
    return new


def make_awaited(slugs: Iterable[str]) -> int:
    """Synthesise awaited clips of categories and their lenders. Return the number of new ones."""
    wanted = list(slugs)
    named = Q(slug__in=wanted) | Q(borrowers__slug__in=wanted)
    awaited = Category.objects.awaiting_clips().filter(named).distinct()
    return import_bank(list(awaited.values_list("slug", flat=True)))


def complete(progress: Progress) -> int:
    """Synthesise all clips that are awaited. Return the number of new ones."""
    awaited = Category.objects.awaiting_clips()
    return import_bank(list(awaited.values_list("slug", flat=True)), progress)


def import_bank(slugs: Collection[str], progress: Progress | None = None) -> int:
    """Synthesise missing clips of categories and store their rows. Return the number of new ones.

    Workers may do the same at once: the files are equal, and the first row of a clip stays.
    """
    if not slugs:
        return 0
    from soundscapes.engine.sound.bank import build_bank  # scipy: 64 MB that requests do not need

    clips = build_bank(bank_dir(), slugs, progress)
    paths = clip_paths(clips)
    _store_elsewhere(paths.values())
    mine = Clip.objects.filter(source=Clip.Source.SYNTHESISED)
    known = set(mine.filter(checksum__in=paths).values_list("checksum", flat=True))
    categories = Category.objects.in_bulk(slugs, field_name="slug")
    new = [
        _row(clip, paths[clip.checksum], categories[clip.category])
        for clip in clips
        if clip.checksum not in known
    ]
    names = [_name_in_storage(path) for path in paths.values()]
    with transaction.atomic():
        for slug in slugs:
            of_category = mine.filter(file__startswith=_name_in_storage(bank_dir() / f"{slug}-"))
            _retire(of_category.exclude(checksum__in=paths), names)
        _rename(paths)
        _describe(clips)
        Clip.objects.bulk_create(new, ignore_conflicts=True)
        Category.objects.filter(slug__in=slugs).update(awaits_clips=False)
    return len(new)


def _retire(old: QuerySet[Clip], current: Collection[str]) -> None:
    """Disable clips of an earlier bank that a plan names; delete the others with their files.

    `current` are the names of this bank's files, which stay.
    """
    checksums = list(old.values_list("checksum", flat=True))
    if not checksums:
        return
    named = Generation.objects.named_clips(checksums)
    old.filter(checksum__in=named).update(is_enabled=False)
    unneeded = old.exclude(checksum__in=named)
    for name in unneeded.exclude(file__in=current).values_list("file", flat=True):
        journal.delete_on_commit(name)
    unneeded.delete()


def _row(clip: EngineClip, path: Path, category: Category) -> Clip:
    return Clip(
        category=category,
        file=_name_in_storage(path),
        checksum=clip.checksum,
        source=Clip.Source.SYNTHESISED,
        title=clip.title,
        author=clip.author,
        licence=clip.licence,
        url=clip.url,
        duration=clip.duration,
        loudness=clip.loudness,
        words=clip.words,
        peaks=waveform(read_clip(path), COLUMNS),
    )


def _rename(paths: Mapping[str, Path]) -> None:
    """Move rows to the names of this release, and delete files with other names."""
    for row in Clip.objects.filter(source=Clip.Source.SYNTHESISED, checksum__in=paths):
        old, name = str(row.file), _name_in_storage(paths[row.checksum])
        if old != name:
            journal.delete_on_commit(old)
            Clip.objects.filter(pk=row.pk).update(file=name)


def _describe(clips: Iterable[EngineClip]) -> None:
    """Add the words of this release to clips that have none."""
    words = {clip.checksum: clip.words for clip in clips if clip.words}
    rows = Clip.objects.filter(source=Clip.Source.SYNTHESISED, words="", checksum__in=words)
    for row in rows:
        row.words = words[row.checksum]
    Clip.objects.bulk_update(rows, ["words"])


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
