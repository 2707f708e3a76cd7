"""Batch encoding of image collections."""

from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image as PillowImage

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.matching.packing import ENCODED, packed
from soundscapes.images import matching
from soundscapes.models import Embedding, Image
from soundscapes.models.images import ImageQuerySet

BATCH = 8  # images, the most that an interruption loses


@dataclass(slots=True)
class Outcome:
    """Numbers of encoded and known images, and failures with their reasons."""

    encoder: str
    encoded: int = 0
    known: int = 0
    failures: list[tuple[Image, str]] = field(default_factory=list)


def embed(images: ImageQuerySet, progress: Callable[[int, int], None]) -> Outcome:
    """Encode the images that have no embedding by the encoder in use.

    Each batch is stored immediately, so an interrupted run can resume. `progress` is called with
    the number of images done and in total.
    """
    encoder = matching.encoder()
    missing = list(images.not_seen_by(encoder.slug).order_by("pk").values_list("pk", flat=True))
    outcome = Outcome(encoder.name, known=images.count() - len(missing))
    for start in range(0, len(missing), BATCH):
        progress(start, len(missing))
        batch = Image.objects.filter(pk__in=missing[start : start + BATCH])
        _embed_batch(list(batch), outcome)
    if missing:
        progress(len(missing), len(missing))
    return outcome


def _embed_batch(images: list[Image], outcome: Outcome) -> None:
    encoder = matching.encoder()
    read: list[tuple[Image, PillowImage.Image]] = []
    for image in images:
        try:
            read.append((image, matching.read_image(image)))
        except (OSError, PhotoError) as error:
            outcome.failures.append((image, str(error)))
    encodings = encoder.encode_photos([photo for _image, photo in read])
    Embedding.objects.bulk_create(
        (
            Embedding(image=image, encoder=encoder.slug, **packed(encoding))
            for (image, _photo), encoding in zip(read, encodings, strict=True)
        ),
        update_conflicts=True,
        unique_fields=["image", "encoder"],
        update_fields=[*ENCODED],
    )
    outcome.encoded += len(read)
