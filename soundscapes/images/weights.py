"""Download of CLIP's weights."""

from datetime import timedelta
from time import time
from typing import Any

from django.conf import settings
from tqdm import tqdm

from soundscapes.engine.matching.clip.weights import FetchReport, fetch_weights, find_weights

PAUSE = timedelta(days=1)  # between automatic attempts


def fetch() -> FetchReport:
    """Download the configured model's weights if they are missing, with a progress bar."""
    bar: tqdm[Any] = tqdm(unit="B", unit_scale=True, desc="CLIP weights", delay=1)

    def step(done: int, total: int | None) -> None:
        bar.total = total
        bar.update(done - bar.n)

    with bar:
        return fetch_weights(settings.CLIP_MODEL, settings.ENCODER_CACHE, progress=step)


def fetch_unless_tried_lately() -> str | None:
    """Download the weights unless an attempt failed within PAUSE.

    Return a message for the set-up, or None if the weights exist or are not needed.
    """
    if settings.ENCODER == "offline" or settings.CLIP_WEIGHTS:
        return None
    if find_weights(settings.CLIP_MODEL, settings.ENCODER_CACHE) is not None:
        return None
    tried = settings.ENCODER_CACHE / "weights-tried"
    if tried.exists() and time() - tried.stat().st_mtime < PAUSE.total_seconds():
        return "CLIP's weights could not be downloaded. Retry with `manage.py fetch_weights`."
    tried.parent.mkdir(parents=True, exist_ok=True)
    report = fetch()
    if report.path is None:
        tried.touch()
        return f"{report}\nContinuing with the offline encoder."
    return str(report)
