"""Import of many images into an image set."""

from collections.abc import Sequence

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.reading import MAX_BYTES, file_checksum
from soundscapes.files.upload_bundles import Item, RefusedItemError
from soundscapes.images import images
from soundscapes.models import Image, ImageSet
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds.credits_csv import Credit, without_credits

__all__ = ["MAX_BYTES", "ImageImport"]


class ImageImport:
    """Import images one by one; a dry run makes the same checks but stores nothing."""

    stage = "Reading images"

    def __init__(
        self, items: Sequence[Item], image_set: ImageSet, default: Credit, *, is_trial: bool
    ) -> None:
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
            data = item.read()
            return self._take(item, data)
        except (RefusedItemError, PhotoError) as error:
            return Row(item.name, Outcome.REFUSED, str(error))

    def _take(self, item: Item, data: bytes) -> Row:
        checksum = file_checksum(data)
        if checksum in self._seen:
            return Row(item.name, Outcome.KNOWN, "The same file is already in the set.")
        credit = self._credits.credit(item)
        photo = images.check_photo(data)
        if not self._is_trial:
            images.store_photo(self._draft(credit), photo, checksum)
        self._seen.add(checksum)
        note = f"{photo.width} by {photo.height} pixels"
        return Row(item.name, Outcome.NEW, f"“{credit.title}”, {note}")

    def _draft(self, credit: Credit) -> Image:
        return Image(
            image_set=self._image_set,
            title=credit.title[:200],
            author=credit.author[:200],
            licence=credit.licence[:100],
            source=credit.source[:300],
        )
