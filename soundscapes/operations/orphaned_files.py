"""Files without rows and rows without files.

Only registered folders are searched, so that unknown files never count as orphans.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from soundscapes.engine import hub
from soundscapes.files import columns, journal, scratch
from soundscapes.files.storage import PROBE_FOLDER, UNFINISHED, is_stored
from soundscapes.generations import audio_cache, generations, transcoding
from soundscapes.images import images
from soundscapes.jobs.kinds import job_kinds
from soundscapes.models import Clip, Generation, Image, Rendition

BATCH = 500
NO_ROW = "Files without a row"
NOT_WHOLE = "Half-written files"
OLD_DOWNLOAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Finding:
    """An inconsistency.

    `problem` names its kind and `subject` the item. `remedy` describes what `repair` does or,
    without one, what an administrator has to do.
    """

    problem: str
    subject: str
    remedy: str
    repair: Callable[[], object] | None = None


def examine(least_age: timedelta) -> Iterator[Finding]:
    """Yield lost files, and orphans older than `least_age`: younger ones may yet get a row."""
    for folder, found in columns.folders().items():
        if not any(each.has_others for each in found):
            yield from _orphans(folder, least_age)
    yield from _leftovers(least_age)
    yield from _stale_downloads()
    yield from _lost_sounds()
    yield from _lost_images()
    yield from _lost_results()
    yield from _lost_clips()


def _orphans(folder: str, least_age: timedelta) -> Iterator[Finding]:
    names = _files_in(folder)
    while batch := list(islice(names, BATCH)):
        known = journal.named(folder, batch)
        for name in batch:
            if name not in known and _is_older(name, least_age):
                problem = NOT_WHOLE if name.endswith(UNFINISHED) else NO_ROW
                yield Finding(problem, name, "is deleted", partial(_delete, name))


def _files_in(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from _files_in(f"{folder}/{name}")


def _is_older(name: str, age: timedelta) -> bool:
    try:
        return timezone.now() - default_storage.get_modified_time(name) >= age
    except FileNotFoundError:  # renamed or deleted since it was listed
        return False


def _delete(name: str) -> None:
    """Delete a file, and its folder if it is then empty."""
    default_storage.delete(name)
    folder = name.rpartition("/")[0]
    with suppress(OSError):
        if folder not in columns.folders() and default_storage.listdir(folder) == ([], []):
            default_storage.delete(folder)


def _leftovers(least_age: timedelta) -> Iterator[Finding]:
    for name in _files_in(PROBE_FOLDER):
        if _is_older(name, least_age):
            yield Finding(NOT_WHOLE, name, "is deleted", partial(_delete, name))
    for folder in scratch.leftovers(least_age):
        yield Finding(NOT_WHOLE, folder.name, "is deleted", partial(scratch.remove, folder))
    for path in _temporary_files():
        if scratch.age_of(path) >= least_age:
            remove = partial(scratch.remove, path)
            yield Finding(NOT_WHOLE, path.name, "is deleted", remove)


def _temporary_files() -> Iterator[Path]:
    yield from (settings.MEDIA_ROOT / "bank").glob(".*")
    yield from settings.ENCODER_CACHE.glob("*.part")
    yield from settings.ENCODER_CACHE.glob(f"clip/*{hub.UNFINISHED}")


def _stale_downloads() -> Iterator[Finding]:
    for path in (settings.DATA_DIR / "downloads").glob("*"):
        if scratch.age_of(path) >= OLD_DOWNLOAD:
            yield Finding(
                "Archives that have not been used for a month",
                path.name,
                "is deleted, and downloaded again when needed",
                partial(scratch.remove, path),
            )


def _lost_sounds() -> Iterator[Finding]:
    finished = Generation.objects.finished().defer("plan", "peaks").prefetch_related("layers")
    for generation in finished.iterator(chunk_size=BATCH):
        if generation.audio and not is_stored(generation.audio):
            yield _without_audio(generation)
        elif lost := _lost_layers(generation):
            yield Finding(
                "Soundscapes without a layer's file",
                f"{generation.pk}: {', '.join(lost)}",
                "loses the reference to the file but keeps its audio",
                partial(generations.forget_layers, generation, lost),
            )


def _without_audio(generation: Generation) -> Finding:
    whole = Generation.objects.get(pk=generation.pk)
    repair: Callable[[Generation], object] = generations.fail_lost
    remedy = "is marked as failed, so that its owner can retry it"
    if audio_cache.is_reproducible(whole):
        repair, remedy = audio_cache.drop, "is rendered again when somebody asks for it"
    return Finding(
        "Soundscapes without their audio", str(generation.pk), remedy, partial(repair, whole)
    )


def _lost_layers(generation: Generation) -> list[str]:
    stems = [layer.stem for layer in generation.layers.all()]
    return [str(stem.name) for stem in stems if stem and not is_stored(stem)]


def _lost_images() -> Iterator[Finding]:
    for image in Image.objects.iterator(chunk_size=BATCH):
        if is_stored(image.file) and is_stored(image.thumbnail):
            continue
        if images.is_restorable(image):
            remedy, repair = "is regenerated", partial(images.restore, image)
        else:
            remedy, repair = "must be uploaded again by its owner", None
        yield Finding("Images without their file", f"{image.pk} ({image})", remedy, repair)


def _lost_results() -> Iterator[Finding]:
    """Find lost files of kinds of job whose file is the whole result."""
    for kind in job_kinds():
        if not kind.is_file:
            continue
        (column,) = kind.files
        name = str(kind.model._meta.verbose_name_plural).capitalize()
        for job in kind.jobs.finished().exclude(**{column.column: ""}).iterator(BATCH):
            if not is_stored(getattr(job, column.column)):
                is_rendition = isinstance(job, Rendition)
                delete = partial(transcoding.forget, job) if is_rendition else job.delete
                yield Finding(
                    f"{name} without their file",
                    str(job.pk),
                    "is deleted, and created again on request",
                    delete,
                )


REBUILDING = {
    Clip.Source.SYNTHESISED: "run `manage.py setup` to synthesise it again",
    Clip.Source.ESC50: "run `manage.py import_esc50` to import it again",
    Clip.Source.UPLOAD: "upload the recording again in the admin, or delete the clip there",
}


def _lost_clips() -> Iterator[Finding]:
    for clip in Clip.objects.iterator(chunk_size=BATCH):
        if not is_stored(clip.file):
            remedy = REBUILDING[Clip.Source(clip.source)]
            yield Finding("Clips without their file", f"{clip.file} ({clip})", remedy)
