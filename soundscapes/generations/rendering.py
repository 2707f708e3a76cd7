"""Rendering of soundscapes in the worker."""

from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from soundscapes.engine.sound.renderer import Rendering, render
from soundscapes.files import journal, scratch
from soundscapes.files.columns import FileColumn
from soundscapes.files.storage import keep_file
from soundscapes.generations import generations, library, share_imports
from soundscapes.generations.audio_cache import STORED
from soundscapes.generations.composition import Composition, compose_for
from soundscapes.images import matching
from soundscapes.jobs.claims import Claim, deleting_on_failure
from soundscapes.jobs.kinds import JobKind
from soundscapes.models import Category, Event, Generation, Layer, State
from soundscapes.models.generations import QUICK
from soundscapes.webhooks import deliveries


def make(claim: Claim) -> None:
    """Render a soundscape, or copy the audio of a shared one. Runs in the worker."""
    generation = Generation.objects.select_related("image").get(pk=claim.pk)
    discard(generation)
    if generation.is_copy:
        share_imports.copy_sound(claim, generation)
        return
    claim.report(State.MATCHING, matching.STAGE, 10)
    composition = compose_for(claim, generation, generation.choices)
    _store_plan(claim, generation, composition)
    _render(claim, composition)


def discard(generation: Generation) -> None:
    """Delete the files of a killed attempt or a lost claim."""
    journal.delete(f"{generation.folder}/")


def _store_plan(claim: Claim, generation: Generation, composition: Composition) -> None:
    """Store what players need: they play while the file is made."""
    encoder = matching.encoder()
    slugs = [request.category for request in composition.requests]
    ids = Category.everything.filter(slug__in=slugs).in_bulk(field_name="slug")
    with transaction.atomic():
        claim.write(
            state=State.RENDERING,
            stage="Mixing the layers",
            progress=40,
            mixing_at=timezone.now(),
            gain_db=composition.gain_db,
            plan=composition.plan.to_json(),
            encoder=encoder.slug,
            encoder_name=encoder.name,
        )
        generation.layers.all().delete()
        Layer.objects.bulk_create(
            Layer(
                generation=generation,
                category=ids[request.category],
                rank=request.rank,
                score=request.score,
                position=request.position,
                y=request.y,
                extent=request.extent,
                kind=request.kind.value,
                gain_db=layer.gain_db,
                reason=request.reason[:500],
            )
            for request, layer in zip(composition.requests, composition.plan.layers, strict=True)
        )


def _render(claim: Claim, composition: Composition) -> None:
    with scratch.working_folder() as folder:
        flac = folder / STORED
        rendering = render(
            composition.plan,
            composition.paths,
            flac,
            progress=partial(_report_mixing, claim),
        )
        _store(claim, flac, rendering)


def _report_mixing(claim: Claim, fraction: float) -> None:
    claim.report(State.RENDERING, "Mixing the layers", 40 + round(55 * fraction))
    claim.give_way()


def _store(claim: Claim, flac: Path, rendering: Rendering) -> None:
    """Store the file before the row that names it."""
    audio = Generation.objects.get(pk=claim.pk).audio
    with deleting_on_failure([audio]):
        keep_file(audio, flac)
        claim.finish(
            audio=audio.name,
            audio_checksum=rendering.checksum,
            loudness=rendering.loudness,
            true_peak=rendering.true_peak,
            gain_db=rendering.gain_db,
            peaks=list(rendering.peaks),
            size=audio.size,
            used_at=timezone.now(),
        )


def announce(pk: UUID) -> None:
    """Tell the owner's webhooks that a soundscape is ready or failed."""
    owner, state = Generation.objects.values_list("owner_id", "state").get(pk=pk)
    event = Event.GENERATION_READY if state == State.READY else Event.GENERATION_FAILED
    deliveries.announce(event, owner, lambda: _described(pk))


def _described(pk: UUID) -> dict[str, Any]:
    generation = Generation.objects.for_list().get(pk=pk)
    names = ("id", "title", "state", "error", "duration", "seed", "created_at", "finished_at")
    return {name: getattr(generation, name) for name in names} | {
        "image": generation.image_id,
        "path": reverse("api_generation", args=[pk]),
    }


KIND = JobKind(
    name="generation",
    label="Creating a soundscape",
    model=Generation,
    run=make,
    quick=Q(duration__lte=QUICK, origin=""),
    result="api_generation",
    cancelled=generations.CANCELLED,
    admit=generations.admit_retry,
    ended=announce,
    discard=discard,
    growth=F("size"),
    files=(
        FileColumn("generations", Generation, "audio", owns_folder=True),
        FileColumn("generations", Layer, "stem", "generation", is_own=lambda _layer: False),
    ),
    purge=library.purge,
)
