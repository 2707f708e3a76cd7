"""Conversion to formats other than WAV, in the worker: an hour of audio takes most of a minute."""

from functools import partial
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat

from soundscapes.engine.sound.audio_files import convert
from soundscapes.files import progress, scratch
from soundscapes.files.columns import FileColumn
from soundscapes.files.storage import is_stored
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Rendition, State
from soundscapes.models.jobs import ACTIVE_STATES
from soundscapes.models.renditions import rendition_path

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp3": "audio/mpeg"}


def find_rendition(generation: Generation, name: str) -> Rendition | None:
    """Return the finished or unfinished rendition in a format, if any."""
    rendition = generation.renditions.filter(format=name).first()
    return rendition if rendition is not None and _is_wanted(rendition) else None


def _is_wanted(rendition: Rendition) -> bool:
    """Return False if it has to be converted, such as after a change of the title."""
    is_current = rendition.title == rendition.generation.title
    return rendition.state in ACTIVE_STATES or (is_current and is_stored(rendition.file))


def get_or_create_rendition(generation: Generation, name: str) -> Rendition:
    """Return the rendition in a format of MEDIA_TYPES, finished or not; enqueue it if missing.

    Failed and lost ones, and those with an old title, are enqueued again. Raise FileNotFoundError
    if the WAV file is missing, LimitError if a limit is reached.
    """
    rendition, _ = Rendition.objects.get_or_create(generation=generation, format=name)
    if _is_wanted(rendition):
        return rendition
    if not is_stored(generation.audio):
        raise FileNotFoundError(generation.audio.name)
    with transaction.atomic():
        admit_rendition(rendition)
        queue.enqueue(rendition)
    rendition.refresh_from_db()
    return rendition


def admit_rendition(rendition: Rendition) -> None:
    generation = rendition.generation
    admit(generation.owner, Kind.GENERATE, size=storage.expected_size(generation.duration, 0))


def make(claim: Claim) -> None:
    rendition = Rendition.objects.select_related("generation").get(pk=claim.pk)
    discard(rendition)
    claim.report(State.RENDERING, "Reading the audio", 1)
    with scratch.working_folder() as folder:
        wav = folder / "sound.wav"
        _fetch(rendition.generation, wav)
        made = folder / _file_name(rendition)
        rendition.title = rendition.generation.title
        report = partial(_report, claim, rendition)
        convert(wav, made, rendition.format, rendition.title, report)
        _store(claim, rendition, made)


def discard(rendition: Rendition) -> None:
    """Delete the files of killed and earlier attempts."""
    for name in {str(rendition.file), rendition_path(rendition, _file_name(rendition))} - {""}:
        rendition.file.storage.delete(name)


def _file_name(rendition: Rendition) -> str:
    return f"soundscape.{rendition.format}"


def _fetch(generation: Generation, wav: Path) -> None:
    with (
        generation.audio.storage.open(str(generation.audio.name)) as source,
        wav.open("wb") as target,
    ):
        progress.copy(source, target)


def _report(claim: Claim, rendition: Rendition, fraction: float) -> None:
    stage = f"Converting to {rendition.get_format_display()}"
    claim.report(State.RENDERING, stage, min(99, round(100 * fraction)))
    claim.give_way()


def _store(claim: Claim, rendition: Rendition, made: Path) -> None:
    """Store the file before the row that names it."""
    with made.open("rb") as file:
        rendition.file.save(made.name, File(file), save=False)
    size = rendition.file.size
    with deleting_on_failure([rendition.file]), transaction.atomic():
        claim.finish(file=rendition.file.name, size=size, title=rendition.title)
        more = size - rendition.size  # a repeated conversion was counted before
        Generation.objects.filter(pk=rendition.generation_id).update(size=F("size") + more)


KIND = JobKind(
    name="conversion",
    label="Converting a soundscape",
    model=Rendition,
    run=make,
    owner="generation__owner",
    result="audio",
    about="generation_id",
    query=Concat(Value("?format="), "format"),
    admit=admit_rendition,
    discard=discard,
    growth=F("generation__duration") * storage.BYTES_A_SECOND,
    files=(FileColumn("generations", Rendition, "file", "generation"),),
    is_file=True,
)
