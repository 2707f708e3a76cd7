"""Download of CLIP's weights."""

from typing import Any

from django.conf import settings
from tqdm import tqdm

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip.weights import FetchReport, fetch_weights, find_weights
from soundscapes.files import progress
from soundscapes.models import BatchJob


class _EnoughError(Exception):
    """The part that was wanted is there."""


def are_missing() -> bool:
    """Return whether the encoder would use weights that can be downloaded."""
    if settings.ENCODER in ("offline", "siglip") or settings.CLIP_WEIGHTS:
        return False
    return find_weights(settings.CLIP_MODEL, settings.ENCODER_CACHE) is None


def download_in_progress() -> BatchJob | None:
    return BatchJob.objects.in_progress(BatchJob.Kind.WEIGHTS) if are_awaited() else None


def are_awaited() -> bool:
    return settings.FETCH_WEIGHTS and are_missing()


def fetch() -> FetchReport:
    """Download the configured model's weights if they are missing, with a progress bar."""
    bar: tqdm[Any] = tqdm(unit="B", unit_scale=True, desc="CLIP weights", delay=1)

    def step(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

    with bar:
        return fetch_weights(settings.CLIP_MODEL, settings.ENCODER_CACHE, progress=step)


def fetch_part(share: float) -> None:
    """Download the weights, or continue, until this share is there. A share above 1 ends it.

    Raise EncoderUnavailableError if no source has them.
    """

    def step(done: int, total: int | None) -> None:
        progress.note()
        if total and done >= share * total:
            raise _EnoughError

    try:
        report = fetch_weights(settings.CLIP_MODEL, settings.ENCODER_CACHE, progress=step)
    except _EnoughError:
        return
    if report.path is None:
        raise EncoderUnavailableError(str(report))
