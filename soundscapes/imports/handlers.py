"""Handlers of the kinds of batch job."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Generic, Protocol, TypeVar

from django.core.files.storage import default_storage
from django.db.models import Model, QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.engine.esc50 import Problem, open_release
from soundscapes.files.local_copies import local_copy
from soundscapes.files.upload_bundles import Item, Source, open_bundle
from soundscapes.images import matching
from soundscapes.imports import clip_imports, image_imports
from soundscapes.imports.preparation import EncoderPreparation, synthesise
from soundscapes.imports.prompt_trials import PromptTrial
from soundscapes.imports.weights_download import WeightsDownload
from soundscapes.models import BatchJob, Category, Clip, Image, ImageSet
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds import clips, offers
from soundscapes.sounds.credits_csv import Credit
from soundscapes.sounds.esc50 import ReleaseImport

RowT = TypeVar("RowT", bound=Model)


class Steps(Protocol):
    """The items of a batch job, each with a row in the report."""

    @property
    def stage(self) -> str:
        """The description of the work, for its owner."""

    def __len__(self) -> int: ...

    def take(self, number: int) -> Row: ...


def open_steps(batch_job: BatchJob) -> AbstractContextManager[Steps]:
    """Open the items of a batch job. Raises EngineError if that is impossible."""
    return OPENERS[BatchJob.Kind(batch_job.kind)](batch_job)


def _open_stored(name: str) -> IO[bytes]:
    return default_storage.open(name, "rb")


def _bundle(batch_job: BatchJob, max_bytes: int) -> AbstractContextManager[list[Item]]:
    files = batch_job.options.get("files", [])
    sources = [Source(file["name"], partial(_open_stored, file["stored"])) for file in files]
    return open_bundle(sources, max_bytes)


@contextmanager
def _images(batch_job: BatchJob) -> Iterator[Steps]:
    image_set = ImageSet.objects.filter(pk=batch_job.options["image_set"]).first()
    if image_set is None:
        raise EngineError("The image set has been deleted. Choose another one.")
    credit, is_trial = Credit(**batch_job.options["credit"]), batch_job.is_trial
    with (
        _bundle(batch_job, image_imports.MAX_BYTES) as items,
        image_imports.open_import(items, image_set, credit, is_trial=is_trial) as image_import,
    ):
        yield image_import


def _category(batch_job: BatchJob) -> Category:
    category = Category.objects.filter(pk=batch_job.options["category"]).first()
    if category is None:
        raise EngineError("The category has been deleted. Choose another one.")
    return category


@contextmanager
def _clips(batch_job: BatchJob) -> Iterator[Steps]:
    category = _category(batch_job)
    with _bundle(batch_job, clip_imports.MAX_BYTES) as items:
        yield clip_imports.ClipImport(
            items, category, Credit(**batch_job.options["credit"]), is_trial=batch_job.is_trial
        )


@contextmanager
def _esc50(batch_job: BatchJob) -> Iterator[Steps]:
    with offers.followed(), _release(batch_job) as path, open_release(path) as release:
        release_import = ReleaseImport(release, esc10_only=batch_job.options["esc10_only"])
        yield Esc50Steps(release_import, release.problems)


@contextmanager
def _release(batch_job: BatchJob) -> Iterator[Path]:
    files = batch_job.options.get("files", [])
    if not files:
        yield Path(batch_job.options["path"])
        return
    with local_copy(files[0]["stored"]) as path:
        yield path


class Esc50Steps:
    """Report unreadable rows of the table, then import its clips."""

    stage = "Importing recordings"

    def __init__(self, release_import: ReleaseImport, problems: Sequence[Problem]) -> None:
        self._release_import = release_import
        self._problems = problems

    def __len__(self) -> int:
        return len(self._problems) + len(self._release_import)

    def take(self, number: int) -> Row:
        if number < len(self._problems):
            problem = self._problems[number]
            return Row(problem.where, Outcome.REFUSED, problem.reason)
        at = number - len(self._problems)
        try:
            is_new = self._release_import.take(at)
        except EngineError as error:
            return Row(self._release_import.name(at), Outcome.REFUSED, str(error))
        return Row(self._release_import.name(at), Outcome.NEW if is_new else Outcome.KNOWN)


class EachRow(Generic[RowT]):
    def __init__(
        self, stage: str, rows: QuerySet[RowT], keys: Sequence[str], do: Callable[[RowT], str]
    ) -> None:
        self.stage = stage
        self._rows, self._keys, self._do = rows, keys, do

    def __len__(self) -> int:
        return len(self._keys)

    def take(self, number: int) -> Row:
        row = self._rows.filter(pk=self._keys[number]).first()
        if row is None:
            return Row(self._keys[number], Outcome.REFUSED, "It has been deleted.")
        try:
            return Row(str(row), Outcome.DONE, self._do(row))
        except EngineError as error:
            return Row(str(row), Outcome.REFUSED, str(error))
        except FileNotFoundError:
            return Row(str(row), Outcome.REFUSED, "Its file is missing from the server.")


@contextmanager
def _measure(batch_job: BatchJob) -> Iterator[Steps]:
    keys = batch_job.options["clips"]
    yield EachRow("Measuring clips", Clip.objects.all(), keys, clips.measure)


@contextmanager
def _encode(batch_job: BatchJob) -> Iterator[Steps]:
    keys = batch_job.options["images"]
    yield EachRow("Encoding images", Image.objects.all(), keys, matching.encode_again)


@contextmanager
def _prompts(batch_job: BatchJob) -> Iterator[Steps]:
    options = batch_job.options
    draft = options.get("draft")
    category = Category(**draft) if draft else _category(batch_job)
    yield PromptTrial(category, options["prompts"], options["images"])


@contextmanager
def _weights(_batch_job: BatchJob) -> Iterator[Steps]:
    yield WeightsDownload()


@contextmanager
def _bank(batch_job: BatchJob) -> Iterator[Steps]:
    keys = batch_job.options["categories"]
    yield EachRow("Synthesising clips", Category.objects.all(), keys, synthesise)


@contextmanager
def _encoder(batch_job: BatchJob) -> Iterator[Steps]:
    yield EncoderPreparation(batch_job)


OPENERS: dict[BatchJob.Kind, Callable[[BatchJob], AbstractContextManager[Steps]]] = {
    BatchJob.Kind.IMAGES: _images,
    BatchJob.Kind.CLIPS: _clips,
    BatchJob.Kind.ESC50: _esc50,
    BatchJob.Kind.ENCODE: _encode,
    BatchJob.Kind.MEASURE: _measure,
    BatchJob.Kind.PROMPTS: _prompts,
    BatchJob.Kind.WEIGHTS: _weights,
    BatchJob.Kind.BANK: _bank,
    BatchJob.Kind.ENCODER: _encoder,
}
