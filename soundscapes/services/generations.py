"""Making soundscapes: asked for by people and programs, made by the worker."""

from __future__ import annotations

import hashlib
import logging
import secrets
import tempfile
from functools import partial
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.db import transaction

from soundscapes.engine.sound.renderer import Rendering, render
from soundscapes.models import Category, Generation, Image, Layer, State, User
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED
from soundscapes.services import jobs, matching
from soundscapes.services.composition import Composition, compose

logger = logging.getLogger(__name__)


def create_generation(
    user: User,
    image: Image,
    *,
    duration: int = DEFAULT_DURATION,
    layer_count: int = DEFAULT_LAYERS,
    seed: int | None = None,
) -> Generation:
    """Ask for a soundscape of a picture; without a seed, a new one every time."""
    with transaction.atomic():
        generation = Generation.objects.create(
            owner=user,
            image=image,
            duration=duration,
            layer_count=layer_count,
            seed=secrets.randbelow(MAX_SEED) if seed is None else seed,
        )
        jobs.enqueue_generation(generation)
    return generation


def repeatable_seed(image: Image) -> int:
    """A seed that belongs to the picture, so that asking again gives the same sound."""
    return int(image.checksum[:8], 16) % MAX_SEED


def get_or_create_generation(user: User, image: Image) -> Generation:
    """The soundscape that a program gets for a picture: the one there is, or a new one.

    One that failed is tried again, and one that another encoder made is not taken.
    """
    seed = repeatable_seed(image)
    existing = (
        Generation.objects.owned_by(user)
        .filter(
            image=image, seed=seed, duration=DEFAULT_DURATION, layer_count=DEFAULT_LAYERS
        )
        .filter(encoder__in=("", matching.current_encoder().slug))
        .first()
    )
    if existing is None:
        return create_generation(user, image, seed=seed)
    if existing.state == State.FAILED:
        retry_generation(existing)
    return existing


def retry_generation(generation: Generation) -> None:
    """Start a failed soundscape over."""
    if generation.state == State.FAILED:
        jobs.requeue(generation)
        generation.refresh_from_db()


def make(pk: str) -> None:
    """Make the soundscape whose turn has come; nothing is done twice."""
    claim = jobs.claim(Generation.objects.all(), pk)
    if claim is None:
        return
    with jobs.failing_in_words(claim):
        generation = Generation.objects.select_related("image").get(pk=claim.pk)
        claim.report(State.MATCHING, "Comparing the picture with every sound", 10)
        matches = matching.rank_image(generation.image)
        composition = compose(
            matches,
            duration=generation.duration,
            seed=generation.seed,
            layer_count=generation.layer_count,
        )
        _store_plan(claim, generation, composition)
        _render(claim, composition)


def _store_plan(claim: jobs.Claim, generation: Generation, composition: Composition) -> None:
    """The layers are there, and shown, before their sound is."""
    encoder = matching.encoder()
    categories = Category.objects.in_bulk(field_name="slug")
    with transaction.atomic():
        claim.write(
            state=State.RENDERING,
            stage="Mixing the sounds",
            progress=40,
            plan=composition.plan.to_json(),
            encoder=encoder.slug,
            encoder_name=encoder.name,
        )
        generation.layers.all().delete()
        Layer.objects.bulk_create(
            Layer(
                generation=generation,
                category=categories[request.category],
                rank=request.rank,
                score=request.score,
                position=request.position,
                kind=request.kind.value,
                gain_db=layer.gain_db,
                reason=request.reason[:500],
            )
            for request, layer in zip(composition.requests, composition.plan.layers, strict=True)
        )


def _render(claim: jobs.Claim, composition: Composition) -> None:
    with tempfile.TemporaryDirectory(dir=settings.MEDIA_ROOT, prefix=".render-") as folder:
        output = Path(folder) / "soundscape.wav"
        report = partial(_report_mixing, claim)
        rendering = render(composition.plan, composition.paths, output, progress=report)
        _store_audio(claim, output, rendering)


def _report_mixing(claim: jobs.Claim, fraction: float) -> None:
    claim.report(State.RENDERING, "Mixing the sounds", 40 + round(55 * fraction))


def _store_audio(claim: jobs.Claim, output: Path, rendering: Rendering) -> None:
    """The file first, then the row that names it; a lost claim takes its file away again."""
    generation = Generation.objects.get(pk=claim.pk)
    with output.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        generation.audio.save("", File(file), save=False)
    try:
        claim.finish(
            audio=generation.audio.name,
            audio_checksum=checksum,
            loudness=rendering.loudness,
            true_peak=rendering.true_peak,
            peaks=list(rendering.peaks),
        )
    except BaseException:
        generation.audio.delete(save=False)
        raise
