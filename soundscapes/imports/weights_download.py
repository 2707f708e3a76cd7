"""Download of CLIP's weights in the background, as a batch job.

It goes part by part, so that other jobs have their turn and an interrupted download continues. The
offline encoder answers until the last part is there; then CLIP takes over.
"""

from math import inf

from soundscapes.files import progress
from soundscapes.images import matching, weights
from soundscapes.models.batch_jobs import Outcome, Row

PARTS = 50


class WeightsDownload:
    """The parts of the file, then the descriptions that CLIP has to encode."""

    stage = "Downloading CLIP's weights"

    def __len__(self) -> int:
        return PARTS + 1

    def take(self, number: int) -> Row:
        if number == PARTS:
            matching.prepare(lambda _done, _total: progress.note())
            return Row("Descriptions", Outcome.DONE, "They are encoded, and CLIP is in use.")
        part = number + 1
        weights.fetch_part(inf if part == PARTS else part / PARTS)
        return Row(f"{100 * part // PARTS} %", Outcome.DONE)
