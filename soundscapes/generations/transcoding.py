"""Files made when somebody asks for them: formats, layers, dropped audio, spectrograms.

In the worker, because an hour of audio takes most of a minute.
"""

from functools import partial
from pathlib import Path

from django.db import transaction
from django.db.models import Case, CharField, F, Q, Value, When
from django.db.models.functions import Concat

from soundscapes.engine.sound.audio_files import convert, mapped_wav, write_as_wav
from soundscapes.engine.sound.plots import spectrogram_png
from soundscapes.files import scratch
from soundscapes.files.columns import FileColumn
from soundscapes.files.local_copies import local_copy
from soundscapes.files.storage import discard_file, is_stored, keep_file
from soundscapes.generations import audio_cache
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Generation, Rendition, State
from soundscapes.models.generations import LONG
from soundscapes.models.jobs import ACTIVE_STATES
from soundscapes.models.renditions import CHARGED, WITHOUT_FILE, Format

MEDIA_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "ogg": "audio/ogg", "mp3": "audio/mpeg"}


def find_rendition(generation: Generation, name: str) -> Rendition | None:
    """Return the finished or unfinished rendition in a format, if any."""
    rendition = generation.renditions.filter(format=name).first()
    return rendition if rendition is not None and _is_wanted(rendition) else None


def _is_wanted(rendition: Rendition) -> bool:
    """Return False if it has to be made, such as after a change of the title."""
    return rendition.state in ACTIVE_STATES or _is_there(rendition)


def _is_there(rendition: Rendition) -> bool:
    generation = rendition.generation
    if rendition.format == Format.FLAC:
        return audio_cache.has_flac(generation)
    if rendition.format == Format.LAYERS:
        return audio_cache.has_layers(generation)
    has_title = rendition.format == Format.SPECTROGRAM or rendition.title == generation.title
    return has_title and is_stored(rendition.file)


def needed_format(generation: Generation, name: str) -> str:
    """Return the format to make before a soundscape can be read as `name`, "" if none.

    WAV is read from what is stored, whether FLAC or the WAV file of an earlier release. Raise
    FileNotFoundError if the audio is lost and there is no plan to render it again.
    """
    if not generation.is_renderable and not is_stored(generation.audio):
        raise FileNotFoundError(str(generation.audio))
    if name == "wav" and is_stored(generation.audio):
        return ""
    if name in {"wav", Format.FLAC}:
        return "" if audio_cache.has_flac(generation) else Format.FLAC
    return name


def get_or_create_rendition(generation: Generation, name: str) -> Rendition:
    """Return the rendition in a format, finished or not; enqueue it if missing.

    Failed and lost ones, and those with an old title, are enqueued again. Raise LimitError if a
    limit is reached.
    """
    rendition, _ = Rendition.objects.get_or_create(generation=generation, format=name)
    if _is_wanted(rendition):
        return rendition
    with transaction.atomic():
        admit_rendition(rendition)
        queue.enqueue(rendition)
    rendition.refresh_from_db()
    return rendition


def forget(rendition: Rendition) -> None:
    """Delete a rendition whose file is lost; its bytes count no longer."""
    with transaction.atomic():
        lost = Rendition.objects.finished().filter(pk=rendition.pk, file=str(rendition.file))
        if lost.delete()[0]:
            whole = Generation.objects.filter(pk=rendition.generation_id)
            whole.update(size=F("size") - rendition.size)


def admit_rendition(rendition: Rendition) -> None:
    """Charge a conversion to the owner; what the cache has dropped is made again for nothing."""
    generation = rendition.generation
    size = storage.expected_size(generation.duration)
    if rendition.format in CHARGED:
        admit(generation.owner, Kind.GENERATE, size=size)
    elif rendition.format == Format.LAYERS:
        admit(generation.owner, Kind.PREVIEW, temporary=generation.layer_count * size)
    else:
        admit(generation.owner, temporary=size)


def make(claim: Claim) -> None:
    rendition = Rendition.objects.select_related("generation").get(pk=claim.pk)
    discard(rendition)
    generation, report = rendition.generation, partial(_report, claim, rendition)
    claim.report(State.RENDERING, "Reading the audio", 1)
    Generation.objects.mark_used(generation)  # so that the cache keeps it meanwhile
    audio_cache.restore(generation, report)
    if rendition.format in WITHOUT_FILE:
        is_whole = rendition.format == Format.FLAC
        _finish(claim, rendition, 0 if is_whole else audio_cache.restore_layers(generation, report))
        return
    with scratch.working_folder() as folder, local_copy(str(generation.audio.name)) as flac:
        made = folder / _file_name(rendition)
        if rendition.format == Format.SPECTROGRAM:
            _draw(flac, made)
        else:
            rendition.title = generation.title
            convert(flac, made, rendition.format, rendition.title, report)
        _store(claim, rendition, made)


def _draw(flac: Path, made: Path) -> None:
    wav = made.with_suffix(".wav")
    write_as_wav(flac, wav)
    made.write_bytes(spectrogram_png(mapped_wav(wav)))


def discard(rendition: Rendition) -> None:
    """Delete the files of killed and earlier attempts."""
    if rendition.format == Format.LAYERS:
        audio_cache.discard_layers(rendition.generation)
    discard_file(rendition.file, _file_name(rendition))


def _file_name(rendition: Rendition) -> str:
    if rendition.format == Format.SPECTROGRAM:
        return "spectrogram.png"
    return f"soundscape.{rendition.format}"


def _report(claim: Claim, rendition: Rendition, fraction: float) -> None:
    stage = f"Making the {rendition.get_format_display()}"
    claim.report(State.RENDERING, stage, min(99, round(100 * fraction)))
    claim.give_way()


def _store(claim: Claim, rendition: Rendition, made: Path) -> None:
    """Store the file before the row that names it."""
    keep_file(rendition.file, made)
    with deleting_on_failure([rendition.file]):
        _finish(claim, rendition, rendition.file.size, str(rendition.file))


def _finish(claim: Claim, rendition: Rendition, size: int, file: str = "") -> None:
    with transaction.atomic():
        claim.finish(file=file, size=size, title=rendition.title)
        more = size - rendition.size  # what is made again was counted before
        Generation.objects.filter(pk=rendition.generation_id).update(size=F("size") + more)


RESULT = Case(
    When(format=Format.SPECTROGRAM, then=Value("spectrogram")),
    default=Concat(Value("audio?format="), "format"),
    output_field=CharField(),
)

KIND = JobKind(
    name="conversion",
    label="Converting a soundscape",
    model=Rendition,
    run=make,
    owner="generation__owner",
    result=RESULT,
    about="generation_id",
    admit=admit_rendition,
    discard=discard,
    quick=Q(generation__duration__lte=LONG),
    growth=storage.CONVERTED,
    files=(FileColumn("generations", Rendition, "file", "generation"),),
    is_file=True,
)
