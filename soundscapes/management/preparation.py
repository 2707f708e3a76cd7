"""Encoder preparation before a worker needs it."""

from soundscapes.images import matching
from soundscapes.management.progress import ProgressBar


def prepare_encoder() -> None:
    """Cache the vectors of all descriptions, with a progress bar. Raises EngineError."""
    with ProgressBar("Encoding descriptions", "text") as progress:
        matching.prepare(progress)
