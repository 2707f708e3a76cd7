"""Batch encoding of image collections."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from soundscapes.engine.matching.bulk import BATCH, encode_in_bulk
from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.matching.packing import ENCODED, packed
from soundscapes.images import matching
from soundscapes.models import Embedding, Image
from soundscapes.models.images import ImageQuerySet


@dataclass(slots=True)
class Outcome:
    """Numbers of encoded and known images, and failures with their reasons."""

    encoder: str
    encoded: int = 0
    known: int = 0
    failures: list[tuple[Image, str]] = field(default_factory=list)


def embed(images: ImageQuerySet, progress: Callable[[int, int], None]) -> Outcome:
    """Encode the images that have no embedding by the encoder in use.

    Each batch is stored as soon as it is encoded, so an interrupted run can resume. `progress` is
    called with the number of images done and in total.
    """
    encoder = matching.encoder()
    missing = list(images.not_seen_by(encoder.slug).order_by("pk").values_list("pk", flat=True))
    outcome = Outcome(encoder.name, known=images.count() - len(missing))
    if not missing:
        return outcome
    done = 0
    for found in encode_in_bulk(encoder, _batches(missing), matching.read_image):
        progress(done, len(missing))
        _store(found, encoder.slug, outcome)
        done += len(found)
    progress(len(missing), len(missing))
    return outcome


def _batches(keys: list[UUID]) -> Iterator[list[Image]]:
    for start in range(0, len(keys), BATCH):
        yield list(Image.objects.filter(pk__in=keys[start : start + BATCH]))


def _store(
    found: Sequence[tuple[Image, PhotoEncoding | Exception]], slug: str, outcome: Outcome
) -> None:
    rows = []
    for image, encoding in found:
        if isinstance(encoding, Exception):
            outcome.failures.append((image, str(encoding)))
        else:
            rows.append(Embedding(image=image, encoder=slug, **packed(encoding)))
    Embedding.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["image", "encoder"],
        update_fields=[*ENCODED],
    )
    outcome.encoded += len(rows)
