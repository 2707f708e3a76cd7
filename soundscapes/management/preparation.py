"""Getting the encoder ready before a worker needs it."""

from soundscapes.management.progress import ProgressBar
from soundscapes.pictures import matching


def prepare_encoder() -> None:
    """Have the vectors of every description at hand, with a bar; nothing where they are there.

    A worker could make them itself, but CLIP's take about a minute on one thread. Raises
    EngineError for an encoder that does not work.
    """
    if not matching.is_prepared():
        with ProgressBar("Encoding descriptions", "text") as progress:
            matching.warm_up(progress)
