"""Previews: one layer with another category or clip, to be heard before it is saved."""

from django.db import transaction
from django.db.models import Q

from soundscapes.engine.errors import EngineError
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render_alone
from soundscapes.files import batches, scratch
from soundscapes.files.columns import FileColumn
from soundscapes.files.local_copies import clip_files
from soundscapes.files.storage import discard_file, is_stored, keep_file
from soundscapes.generations.composition import compose_for
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Category, Clip, Generation, Preview, State
from soundscapes.models.generations import LONG, MAX_LAYERS
from soundscapes.models.jobs import ACTIVE_STATES

KEPT = 8  # finished previews of one account


class PreviewError(EngineError):
    """A preview that is impossible, with the reason."""


def find_preview(
    generation: Generation, place: int, category: Category, clip: str
) -> Preview | None:
    """Return the finished or unfinished preview, if any."""
    preview = generation.previews.filter(place=place, category=category, clip=clip).first()
    return preview if preview is not None and _is_wanted(preview) else None


def _is_wanted(preview: Preview) -> bool:
    return preview.state in ACTIVE_STATES or is_stored(preview.file)


def get_or_create_preview(
    generation: Generation, place: int, category: Category, clip: str
) -> Preview:
    """Return a preview, finished or not; enqueue it if missing.

    Failed and lost ones are enqueued again, and the account's oldest ones are deleted. Raise
    PreviewError for an impossible one, LimitError if a limit is reached.
    """
    known = find_preview(generation, place, category, clip)
    if known is not None:
        return known
    _check(generation, place, category, clip)
    _forget_oldest(generation)
    with transaction.atomic():
        preview, _ = Preview.objects.get_or_create(
            generation=generation, place=place, category=category, clip=clip
        )
        admit_preview(preview)
        queue.enqueue(preview)
    preview.refresh_from_db()
    return preview


def _check(generation: Generation, place: int, category: Category, clip: str) -> None:
    if generation.duration > LONG:
        raise PreviewError("This soundscape is too long to preview changes.")
    if not 1 <= place <= MAX_LAYERS:
        raise PreviewError(f"A soundscape has up to {MAX_LAYERS} layers.")
    playable = Clip.objects.playable(generation.owner).filter(checksum=clip)
    if clip and not playable.by_category([category.slug])[category.slug]:
        raise PreviewError("This recording is no longer available. Choose another one.")


def _forget_oldest(generation: Generation) -> None:
    finished = Preview.objects.finished_by(generation.owner)
    old = finished.values_list("pk", flat=True)[KEPT - 1 :]
    batches.delete(Preview.objects.filter(pk__in=list(old)))


def admit_preview(preview: Preview) -> None:
    size = storage.expected_size(preview.generation.duration)
    admit(preview.generation.owner, Kind.PREVIEW, temporary=size)


def forget_expired() -> int:
    return batches.delete(Preview.objects.expired())


def make(claim: Claim) -> None:
    """Render a preview. Runs in the worker."""
    preview = Preview.objects.select_related("generation__image", "category").get(pk=claim.pk)
    discard(preview)
    claim.report(State.RENDERING, "Rendering the sound", 10)
    plan = Plan.from_json(preview.generation.plan)
    composition = compose_for(claim, preview.generation, [_choice(preview)])
    claim.report(State.RENDERING, "Rendering the sound", 50)
    with scratch.working_folder() as folder:
        made = folder / _file_name(preview)
        clips = clip_files(plan) | composition.paths
        render_alone(composition.plan, plan, clips, made)
        keep_file(preview.file, made)
    with deleting_on_failure([preview.file]):
        claim.finish(file=preview.file.name)


def _choice(preview: Preview) -> LayerChoice:
    """Return the layer at the position that its fader shows at first."""
    slug = preview.category.slug
    current = preview.generation.choice_of(preview.place, slug)
    return LayerChoice(preview.place, slug, position=current.position, clip=preview.clip)


def discard(preview: Preview) -> None:
    """Delete the files of killed and earlier attempts."""
    discard_file(preview.file, _file_name(preview))


def _file_name(preview: Preview) -> str:
    return f"preview-{preview.pk}.wav"


KIND = JobKind(
    name="preview",
    label="Rendering a preview",
    model=Preview,
    run=make,
    owner="generation__owner",
    listed=False,
    quick=Q(),
    admit=admit_preview,
    discard=discard,
    files=(FileColumn("generations", Preview, "file", "generation"),),
    is_file=True,
    purge=forget_expired,
)
