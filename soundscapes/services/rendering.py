"""Making the soundscapes whose turn has come. Runs in the worker."""

from __future__ import annotations

import hashlib
import os
import shutil
import socket
import tempfile
from functools import partial
from pathlib import Path

import psutil
from django.conf import settings
from django.core.files import File
from django.db import transaction

from soundscapes.engine.sound.renderer import Rendering, render
from soundscapes.models import Category, Generation, Layer, State
from soundscapes.models.generations import audio_path
from soundscapes.services import jobs, matching
from soundscapes.services.composition import Composition, compose


def make(pk: str) -> None:
    """Make the soundscape whose turn has come; nothing is done twice."""
    claim = jobs.claim(Generation.objects.all(), pk)
    if claim is None:
        return
    with jobs.failing_in_words(claim):
        generation = Generation.objects.select_related("image").get(pk=claim.pk)
        claim.report(State.MATCHING, "Comparing the picture with every sound", 10)
        matches = matching.rank_image(generation.image, generation.mode)
        composition = compose(
            matches,
            duration=generation.duration,
            seed=generation.seed,
            layer_count=generation.layer_count,
            mode=generation.mode,
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
    prefix = f"{_workplace_prefix()}{os.getpid()}-"
    with tempfile.TemporaryDirectory(dir=settings.MEDIA_ROOT, prefix=prefix) as folder:
        output = Path(folder) / "soundscape.wav"
        report = partial(_report_mixing, claim)
        rendering = render(composition.plan, composition.paths, output, progress=report)
        _store_audio(claim, output, rendering)


def remove_leftovers() -> None:
    """Delete the half-made sounds of this machine's workers that were killed."""
    prefix = _workplace_prefix()
    for folder in Path(settings.MEDIA_ROOT).glob(f"{prefix}*"):
        pid = folder.name.removeprefix(prefix).partition("-")[0]
        if not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _workplace_prefix() -> str:
    return f".render-{socket.gethostname()}-"


def _report_mixing(claim: jobs.Claim, fraction: float) -> None:
    claim.report(State.RENDERING, "Mixing the sounds", 40 + round(55 * fraction))


def _store_audio(claim: jobs.Claim, output: Path, rendering: Rendering) -> None:
    """The file first, then the row that names it; a lost claim takes its file away again.

    Every attempt has a file name of its own, so that one that was killed between the two leaves
    nothing that the next cannot find and remove.
    """
    generation = Generation.objects.get(pk=claim.pk)
    storage = generation.audio.storage
    for attempt in range(1, generation.attempts + 1):
        storage.delete(audio_path(generation, str(attempt)))
    with output.open("rb") as file:
        checksum = hashlib.file_digest(file, "sha256").hexdigest()
        generation.audio.save(str(generation.attempts), File(file), save=False)
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
