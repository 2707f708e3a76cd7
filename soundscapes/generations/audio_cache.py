"""Audio as a cache: what nobody has heard for long is deleted, and rendered again on request.

A soundscape is its row, its plan and its image. The plan gives the same bytes again, as long as
its clips exist; the audio of other plans is kept.
"""

import logging
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Sum
from django.db.models.fields.files import FieldFile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.audio_files import FLAC, file_checksum, write_flac
from soundscapes.engine.sound.credits import file_information
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render
from soundscapes.files import journal, scratch
from soundscapes.files.local_copies import clip_files, local_copy
from soundscapes.files.storage import is_stored, keep_file
from soundscapes.jobs.claims import deleting_on_failure
from soundscapes.models import Generation, Layer
from soundscapes.models.generations import stem_path

logger = logging.getLogger(__name__)

Report = Callable[[float], None]

STORED = "soundscape.flac"
TURN = 20.0  # seconds that trimming takes of a worker each minute: more would keep all of them busy
_BATCH = 50  # soundscapes in memory, read before any of them is written


def has_flac(generation: Generation) -> bool:
    """Return False for lost and dropped audio, and for WAV files of earlier releases."""
    return str(generation.audio).endswith(FLAC) and is_stored(generation.audio)


def has_layers(generation: Generation) -> bool:
    layers = list(generation.layers.all())
    return bool(layers) and all(is_stored(layer.stem) for layer in layers)


def restore(generation: Generation, report: Report) -> None:
    """Store the audio as FLAC, from the WAV file of an earlier release or from the plan.

    Raise MissingClipError or another EngineError if the plan cannot be rendered.
    """
    if has_flac(generation):
        return
    before = str(generation.audio)
    with scratch.working_folder() as folder:
        flac = folder / STORED
        checksum = _make(generation, flac, report)
        keep_file(generation.audio, flac)
    with deleting_on_failure([generation.audio]):
        _record(generation, before, checksum)


def _make(generation: Generation, flac: Path, report: Report) -> str:
    """Write the FLAC file and return the checksum of the same sound as WAV."""
    plan = Plan.from_json(generation.plan)
    if not is_stored(generation.audio):
        return render(plan, clip_files(plan), flac, progress=report).checksum
    with local_copy(str(generation.audio.name)) as wav:
        write_flac(wav, flac, file_information(plan))
        return file_checksum(wav)


def _record(generation: Generation, before: str, checksum: str) -> None:
    """Name the stored file in the row, or delete it if another worker was faster."""
    if checksum != generation.audio_checksum:
        logger.warning("The audio of soundscape %s was not reproduced exactly", generation.pk)
    storage, name = generation.audio.storage, str(generation.audio)
    replaced = storage.size(before) if before and storage.exists(before) else 0
    more = storage.size(name) - replaced
    changes = {"audio": name, "audio_checksum": checksum, "size": F("size") + more}
    with transaction.atomic():
        mine = Generation.objects.finished().filter(pk=generation.pk, audio=before)
        unused = before if mine.update(**changes) else name
        if unused:
            journal.delete_on_commit(unused)
    generation.refresh_from_db(fields=["audio", "audio_checksum"])


def restore_layers(generation: Generation, report: Report) -> int:
    """Store each layer as FLAC and return their bytes. Raise as `restore` does.

    Together they are the soundscape.
    """
    plan = Plan.from_json(generation.plan)
    layers = list(generation.layers.all())
    with scratch.working_folder() as folder:
        stems = [folder / _stem_name(layer) for layer in layers]
        render(plan, clip_files(plan), folder / STORED, stems=stems, progress=report)
        stored: list[FieldFile] = [layer.stem for layer in layers]
        with deleting_on_failure(stored):
            for layer, stem in zip(layers, stems, strict=True):
                keep_file(layer.stem, stem)
            Layer.objects.bulk_update(layers, ["stem"])
        return sum(each.size for each in stored)


def discard_layers(generation: Generation) -> None:
    """Delete the layers of killed attempts and those that are not complete."""
    for layer in generation.layers.all():
        for name in {str(layer.stem), stem_path(layer, _stem_name(layer))} - {""}:
            journal.delete(name)


def _stem_name(layer: Layer) -> str:
    return f"{layer.rank}{FLAC}"


def is_reproducible(generation: Generation) -> bool:
    """Return whether the plan can be read and all its clips exist, unchanged."""
    try:
        plan = Plan.from_json(generation.plan)
    except EngineError:
        return False
    return {credit.clip for credit in plan.credits} <= clip_files(plan).keys()


def trim() -> int:
    """Delete the least recently used audio beyond AUDIO_CACHE bytes. Return how many lost it.

    After `TURN`, leave the rest to the next call.
    """
    end = monotonic() + TURN
    cached = Generation.objects.with_audio().order_by("used_at")
    excess = (cached.aggregate(total=Sum("size"))["total"] or 0) - settings.AUDIO_CACHE
    dropped = 0
    kept: list[UUID] = []  # what cannot be rendered again, or was just asked for
    while excess > 0 and monotonic() < end:
        if not (oldest := list(cached.exclude(pk__in=kept)[:_BATCH])):
            break
        for generation in oldest:
            if excess <= 0:
                break
            if is_reproducible(generation) and drop(generation):
                excess -= generation.size
                dropped += 1
            else:
                kept.append(generation.pk)
    return dropped


def drop(generation: Generation) -> bool:
    """Delete the audio of a soundscape in every form, unless somebody has just asked for it."""
    with transaction.atomic():
        mine = Generation.objects.finished().filter(
            pk=generation.pk, audio=str(generation.audio), used_at=generation.used_at
        )
        if not mine.update(audio="", size=0):
            return False
        stems = [str(layer.stem) for layer in generation.layers.exclude(stem="")]
        generation.layers.update(stem="")
        generation.renditions.all().delete()
        journal.delete_on_commit(str(generation.audio), *stems)
    return True
