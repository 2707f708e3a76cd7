"""Management of image sets."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from soundscapes.engine.errors import EngineError
from soundscapes.models import Image, ImageSet


class SetError(EngineError):
    """A change that a set does not allow, with the reason."""


def save_set(image_set: ImageSet) -> None:
    image_set.save()


def edit_image(image: Image) -> None:
    image.save()


def has_image(image_set: ImageSet, checksum: str, *, besides: Image) -> bool:
    return image_set.images.exclude(pk=besides.pk).filter(checksum=checksum).exists()


def move(images: QuerySet[Image], target: ImageSet) -> tuple[list[Image], list[Image]]:
    """Move images to a set. Return the moved ones and the skipped duplicates and users' images."""
    moved, refused = [], []
    known = set(target.images.values_list("checksum", flat=True))
    for image in images:
        if image.owner_id is not None or image.checksum in known:
            refused.append(image)
            continue
        try:
            with transaction.atomic():
                ImageSet.objects.filter(cover=image).update(cover=None)
                Image.objects.filter(pk=image.pk).update(image_set=target)
        except IntegrityError:  # the set received the same file concurrently
            refused.append(image)
            continue
        known.add(image.checksum)
        moved.append(image)
    return moved, refused


def use_as_cover(images: Sequence[Image]) -> ImageSet:
    """Use an image as its set's cover. Raise SetError unless it is one image of a set."""
    if len(images) != 1:
        raise SetError("Select only one image. A set has one cover.")
    image_set = images[0].image_set
    if image_set is None:
        raise SetError("This image belongs to a user. Select an image of a set.")
    ImageSet.objects.filter(pk=image_set.pk).update(cover=images[0])
    return image_set


def set_named(name: str, *, is_saved: bool = True) -> ImageSet:
    """Return the set, created if it is missing. Raise SetError for a name the admin rejects."""
    image_set = ImageSet.objects.filter(name=name).first() or ImageSet(name=name)
    try:
        image_set.clean_fields()
    except ValidationError as error:
        reason = " ".join(error.messages)
        raise SetError(f"An image set cannot have this name. {reason}") from error
    return ImageSet.objects.get_or_create(name=name)[0] if is_saved else image_set
