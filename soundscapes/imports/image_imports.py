"""Import of many images into an image set."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.reading import MAX_BYTES, Photo, file_checksum
from soundscapes.files.upload_bundles import Item, RefusedItemError
from soundscapes.images import images
from soundscapes.images.images import PhotoFiles
from soundscapes.models import Image, ImageSet
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds.credits_csv import Credit, without_credits

__all__ = ["MAX_BYTES", "ImageImport", "open_import"]

THREADS = min(4, os.cpu_count() or 1)  # each may hold a file of MAX_BYTES

Read = tuple[str, Photo | PhotoFiles | None]
"""The checksum of a file, and what it contains unless the set has it."""


@contextmanager
def open_import(
    items: Sequence[Item], image_set: ImageSet, default: Credit, *, is_trial: bool
) -> Iterator["ImageImport"]:
    """Open an import; a dry run makes the same checks but stores nothing."""
    with ThreadPoolExecutor(THREADS) as pool:
        yield ImageImport(items, image_set, default, pool, is_trial=is_trial)


class ImageImport:
    """Import images one by one.

    Threads read the next ones ahead. They decode unchecked files one at a time, but encode in
    parallel what is stored, which takes longer.
    """

    stage = "Reading images"

    def __init__(
        self,
        items: Sequence[Item],
        image_set: ImageSet,
        default: Credit,
        pool: ThreadPoolExecutor,
        *,
        is_trial: bool,
    ) -> None:
        self._pool = pool
        self._ahead: dict[int, Future[Read]] = {}
        self._items, self._credits = without_credits(items, default)
        self._image_set = image_set
        self._is_trial = is_trial
        known = Image.objects.filter(image_set=image_set.pk, owner=None)
        self._seen: set[str] = set(known.values_list("checksum", flat=True))

    def __len__(self) -> int:
        return len(self._items)

    def take(self, number: int) -> Row:
        item = self._items[number]
        try:
            return self._take(item, *self._read_ahead(number).result())
        except (RefusedItemError, PhotoError) as error:
            return Row(item.name, Outcome.REFUSED, str(error))

    def _read_ahead(self, number: int) -> Future[Read]:
        for each in range(number, min(number + THREADS + 1, len(self))):
            if each not in self._ahead:
                self._ahead[each] = self._pool.submit(self._read, self._items[each])
        return self._ahead.pop(number)

    def _read(self, item: Item) -> Read:
        data = item.read()
        checksum = file_checksum(data)
        if checksum in self._seen:
            return checksum, None
        return checksum, images.check_photo(data) if self._is_trial else images.read_files(data)

    def _take(self, item: Item, checksum: str, photo: Photo | PhotoFiles | None) -> Row:
        if photo is None or checksum in self._seen:
            return Row(item.name, Outcome.KNOWN, "The same file is already in the set.")
        credit = self._credits.credit(item)
        if isinstance(photo, PhotoFiles):
            images.add_to_set(self._draft(credit), photo)
        self._seen.add(checksum)
        size = f"{photo.width} by {photo.height} pixels"
        return Row(item.name, Outcome.NEW, f"“{credit.title}”, {size}")

    def _draft(self, credit: Credit) -> Image:
        return Image(
            image_set=self._image_set,
            title=credit.title[:200],
            author=credit.author[:200],
            licence=credit.licence[:100],
            source=credit.source[:300],
        )
