"""Preparation behind the first page: the clips of the bank and the encoder."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.template.defaultfilters import pluralize

from soundscapes.engine.sound.planner import NEAR
from soundscapes.files import progress
from soundscapes.files.local_copies import clip_for_player
from soundscapes.images import matching
from soundscapes.models import BatchJob, Category
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds import bank


def synthesise(category: Category) -> str:
    """Make the clips of a category, unless a soundscape needed them first, and encode them.

    The encoder, which every soundscape needs, has the processor before.
    """
    matching.wait_for_preparation()
    progress.note()
    count = bank.make_awaited([category.slug])
    _encode_for_players(category)
    return f"{count} new clip{pluralize(count)}" if count else "They were there."


def _encode_for_players(category: Category) -> None:
    """Encode clips as players get those of a near layer; threads help, as in `build_bank`."""
    make = partial(clip_for_player, treatment=NEAR, form="ogg")
    with ThreadPoolExecutor(2) as pool:
        for _path in pool.map(make, category.clips.synthesised()):
            progress.note()


class EncoderPreparation:
    """One item, because other jobs wait for the whole encoder anyway."""

    stage = "Preparing the encoder"

    def __init__(self, batch_job: BatchJob) -> None:
        self._held = BatchJob.objects.held(batch_job.pk, batch_job.claimed_by)

    def __len__(self) -> int:
        return 1

    def take(self, _number: int) -> Row:
        matching.prepare(self._report)
        return Row("Descriptions", Outcome.DONE, "They are encoded.")

    def _report(self, done: int, total: int) -> None:
        progress.note()
        self._held.update(progress=99 * done // max(1, total))  # the end of the job is 100 %
