"""Clips of the synthesised bank, made category by category.

The planner chooses among all clips of a category, so a category whose clips are awaited gets them
before a plan is made: the plan does not depend on how much of the bank exists.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
    """Import the clips in the bank's folder and await what no machine has. Return the new ones."""
    from soundscapes.engine.sound.bank import bank_categories, built_categories

    built = built_categories(bank_dir())
    awaited = set(bank_categories()).difference(built, _in_bucket(_named()))
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

    Workers may do the same at once: the clips of the first one stay. So do those in a bucket, be
    they of another machine, whose processor makes other bytes.
    """
    if not slugs:
        return 0
    from soundscapes.engine.sound.bank import build_bank  # scipy: 64 MB that requests do not need

    before = _named()
    there = _in_bucket(before)
    made: dict[str, list[EngineClip]] = {slug: [] for slug in slugs if slug not in there}
    for clip in build_bank(bank_dir(), list(made), progress):
        made[clip.category].append(clip)
    categories = Category.objects.in_bulk(list(made), field_name="slug")
    new = sum(_import(categories[slug], clips, before) for slug, clips in made.items())
    Category.objects.filter(slug__in=slugs).update(awaits_clips=False)
    return new


def _import(category: Category, clips: Sequence[EngineClip], before: Collection[str]) -> int:
    """Store the clips of a category, unless rows name others than `before`: then those stay."""
    paths = clip_paths(clips)
    names = {checksum: _store(path, checksum) for checksum, path in paths.items()}
    mine = Clip.objects.synthesised()
    known = set(mine.filter(checksum__in=paths).values_list("checksum", flat=True))
    new = [
        _row(clip, paths[clip.checksum], names[clip.checksum], category)
        for clip in clips
        if clip.checksum not in known
    ]
    with transaction.atomic():
        list(Category.objects.select_for_update(no_key=True).filter(pk=category.pk))
        named = set(_named(category.slug))
        if named.difference(before):
            journal.delete_on_commit(*set(names.values()) - named)
            return 0
        of_category = mine.filter(file__startswith=_folder(category.slug))
        _retire(of_category.exclude(checksum__in=paths), names.values())
        _rename(names)
        _describe(clips)
        Clip.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def _named(category: str = "") -> dict[str, bool]:
    """Map the files of this version that rows name to whether these are enabled."""
    from soundscapes.engine.sound.bank import BANK_VERSION

    rows = Clip.objects.synthesised().filter(file__startswith=_folder(category))
    return dict(rows.filter(file__contains=f"-v{BANK_VERSION}").values_list("file", "is_enabled"))


def _in_bucket(named: Mapping[str, bool]) -> set[str]:
    """Return the categories whose clips are all in a remote storage."""
    from soundscapes.engine.sound.bank import variants

    if path_of(_folder()):
        return set()
    files = {_folder() + name for name in default_storage.listdir(_folder())[1]}
    counts = Counter(map(_category, named))
    lost = {_category(name) for name in named if named[name] and name not in files}
    return {slug for slug, count in counts.items() if count >= variants(slug)} - lost


def _category(name: str) -> str:
    return name.removeprefix(_folder()).partition("-")[0]


def _folder(category: str = "") -> str:
    """Return how the names of the bank's files begin, or of those of a category."""
    folder = f"{bank_dir().relative_to(settings.MEDIA_ROOT)}/"
    return f"{folder}{category}-" if category else folder


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


def _row(clip: EngineClip, path: Path, name: str, category: Category) -> Clip:
    return Clip(
        category=category,
        file=name,
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


def _rename(names: Mapping[str, str]) -> None:
    """Move rows to the names of this release, and delete files with other names."""
    for row in Clip.objects.synthesised().filter(checksum__in=names):
        old, name = str(row.file), names[row.checksum]
        if old != name:
            journal.delete_on_commit(old)
            Clip.objects.filter(pk=row.pk).update(file=name)


def _describe(clips: Iterable[EngineClip]) -> None:
    """Add the words of this release to clips that have none."""
    words = {clip.checksum: clip.words for clip in clips if clip.words}
    rows = Clip.objects.synthesised().filter(words="", checksum__in=words)
    for row in rows:
        row.words = words[row.checksum]
    Clip.objects.bulk_update(rows, ["words"])


def _store(path: Path, checksum: str) -> str:
    """Return the name in the storage, after an upload if that is remote and lacks the file.

    There, files of several machines must not be mistaken for each other.
    """
    name = _folder() + path.name
    if path_of(name):
        return name
    name = f"{_folder()}{path.stem}-{checksum[:16]}{path.suffix}"
    if not default_storage.exists(name):
        with path.open("rb") as file:
            name = default_storage.save(name, File(file))
    return name
