"""What each kind of chore does with one item."""

from __future__ import annotations

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
from soundscapes.imports import clip_imports, picture_imports
from soundscapes.imports.prompt_trials import PromptTrial
from soundscapes.models import Category, Chore, Clip, Image, ImageSet
from soundscapes.models.chores import Outcome, Row
from soundscapes.pictures import matching
from soundscapes.sounds import clips
from soundscapes.sounds.credits_csv import Credit
from soundscapes.sounds.esc50 import ReleaseImport

RowT = TypeVar("RowT", bound=Model)


class Steps(Protocol):
    """The items of a chore, each of which gives a row of its report."""

    @property
    def stage(self) -> str:
        """What is being done, in words."""

    def __len__(self) -> int: ...

    def take(self, number: int) -> Row: ...


def open_steps(chore: Chore) -> AbstractContextManager[Steps]:
    """What is to be done. Raises EngineError where it cannot be."""
    return OPENERS[Chore.Kind(chore.kind)](chore)


def _open_stored(name: str) -> IO[bytes]:
    return default_storage.open(name, "rb")


def _bundle(chore: Chore, max_bytes: int) -> AbstractContextManager[list[Item]]:
    files = chore.options.get("files", [])
    sources = [Source(file["name"], partial(_open_stored, file["stored"])) for file in files]
    return open_bundle(sources, max_bytes)


@contextmanager
def _pictures(chore: Chore) -> Iterator[Steps]:
    image_set = ImageSet.objects.filter(pk=chore.options["image_set"]).first()
    if image_set is None:
        raise EngineError("The set has been deleted meanwhile. Choose another one.")
    with _bundle(chore, picture_imports.MAX_BYTES) as items:
        yield picture_imports.PictureImport(
            items, image_set, Credit(**chore.options["credit"]), is_trial=chore.is_trial
        )


@contextmanager
def _clips(chore: Chore) -> Iterator[Steps]:
    category = Category.objects.get(pk=chore.options["category"])
    with _bundle(chore, clip_imports.MAX_BYTES) as items:
        yield clip_imports.ClipImport(
            items, category, Credit(**chore.options["credit"]), is_trial=chore.is_trial
        )


@contextmanager
def _esc50(chore: Chore) -> Iterator[Steps]:
    with _release(chore) as path, open_release(path) as release:
        taken = ReleaseImport(release, esc10_only=chore.options["esc10_only"])
        yield Esc50Steps(taken, release.problems)


@contextmanager
def _release(chore: Chore) -> Iterator[Path]:
    """The release as a path of this machine."""
    files = chore.options.get("files", [])
    if not files:
        yield Path(chore.options["path"])
        return
    with local_copy(files[0]["stored"]) as path:
        yield path


class Esc50Steps:
    """What cannot be read of its table, then its clips."""

    stage = "Importing recordings"

    def __init__(self, taken: ReleaseImport, problems: Sequence[Problem]) -> None:
        self._taken = taken
        self._problems = problems

    def __len__(self) -> int:
        return len(self._problems) + len(self._taken)

    def take(self, number: int) -> Row:
        if number < len(self._problems):
            problem = self._problems[number]
            return Row(problem.where, Outcome.REFUSED, problem.reason)
        at = number - len(self._problems)
        try:
            is_new = self._taken.take(at)
        except EngineError as error:
            return Row(self._taken.name(at), Outcome.REFUSED, str(error))
        return Row(self._taken.name(at), Outcome.NEW if is_new else Outcome.KNOWN)


class EachRow(Generic[RowT]):
    """Something done to each of some rows, some of which may be gone by now."""

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
            return Row(self._keys[number], Outcome.REFUSED, "It has been deleted meanwhile.")
        try:
            return Row(str(row), Outcome.DONE, self._do(row))
        except EngineError as error:
            return Row(str(row), Outcome.REFUSED, str(error))
        except FileNotFoundError:
            return Row(str(row), Outcome.REFUSED, "Its file is missing on the server.")


@contextmanager
def _measure(chore: Chore) -> Iterator[Steps]:
    keys = chore.options["clips"]
    yield EachRow("Measuring clips", Clip.objects.all(), keys, clips.measure)


@contextmanager
def _encode(chore: Chore) -> Iterator[Steps]:
    keys = chore.options["images"]
    yield EachRow("Encoding pictures", Image.objects.all(), keys, matching.encode_again)


@contextmanager
def _prompts(chore: Chore) -> Iterator[Steps]:
    category = Category.objects.get(pk=chore.options["category"])
    yield PromptTrial(category, chore.options["prompts"], chore.options["images"])


OPENERS: dict[Chore.Kind, Callable[[Chore], AbstractContextManager[Steps]]] = {
    Chore.Kind.PICTURES: _pictures,
    Chore.Kind.CLIPS: _clips,
    Chore.Kind.ESC50: _esc50,
    Chore.Kind.ENCODE: _encode,
    Chore.Kind.MEASURE: _measure,
    Chore.Kind.PROMPTS: _prompts,
}
