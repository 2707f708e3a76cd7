"""Import of many recordings into a category."""

from collections.abc import Sequence
from io import BytesIO

from django.db import IntegrityError

from soundscapes.files.upload_bundles import Item, RefusedItemError
from soundscapes.models import Category, Clip
from soundscapes.models.batch_jobs import Outcome, Row
from soundscapes.sounds import clips
from soundscapes.sounds.credits_csv import Credit, without_credits

MAX_BYTES = 256 * 2**20
"""Ten minutes of 32-bit stereo at 48 kHz have 220 MB."""


class ClipImport:
    """Import recordings one by one; a dry run only decodes them."""

    stage = "Reading recordings"

    def __init__(
        self, items: Sequence[Item], category: Category, default: Credit, *, is_trial: bool
    ) -> None:
        self._items, self._credits = without_credits(items, default)
        self._category = category
        self._is_trial = is_trial
        self._seen: set[str] = set()

    def __len__(self) -> int:
        return len(self._items)

    def take(self, number: int) -> Row:
        item = self._items[number]
        try:
            recording = clips.read_recording(BytesIO(item.read()))
        except (RefusedItemError, clips.ClipError) as error:
            return Row(item.name, Outcome.REFUSED, str(error))
        credit = self._credits.credit(item)
        missing = [name for name in ("author", "source", "licence") if not getattr(credit, name)]
        if missing:
            note = f"The recording has no {' and '.join(missing)}. Enter the credits in the form."
            return Row(item.name, Outcome.REFUSED, note)
        known = Row(item.name, Outcome.KNOWN, "This recording is already a clip.")
        if recording.checksum in self._seen or clips.is_known(recording):
            return known
        self._seen.add(recording.checksum)
        if not self._is_trial:
            try:
                clips.add_clip(self._draft(credit), recording)
            except IntegrityError:  # another import stored it meanwhile
                return known
        note = f"“{credit.title}”, {recording.duration:.1f} s, {recording.loudness:.0f} LUFS"
        return Row(item.name, Outcome.NEW, note)

    def _draft(self, credit: Credit) -> Clip:
        is_link = credit.source.startswith(("http://", "https://"))
        return Clip(
            category=self._category,
            title=credit.title[:200],
            author=credit.author[:200],
            licence=credit.licence[:60],
            url=credit.source[:500] if is_link else "",
            collection="" if is_link else credit.source[:100],
        )
