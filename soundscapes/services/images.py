"""Taking pictures in, and drawing random ones."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Mapping
from functools import partial

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models.fields.files import FieldFile
from PIL import Image as PillowImage

from soundscapes.engine import scenes, starter
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.photos import file_checksum, read_photo, to_jpeg
from soundscapes.models import Image, ImageSet, State, User
from soundscapes.services import jobs, matching

logger = logging.getLogger(__name__)

STORED_SIDE = 2048  # pixels: enough for any screen and any encoder
THUMBNAIL_SIDE = 480
STARTER_SET = "Starter pictures"
SCENES_SET = "Drawn scenes"


class NoPicturesError(EngineError):
    """There is no preloaded picture to draw."""


def upload_image(user: User, data: bytes, title: str = "") -> Image:
    """Keep a picture of `user`; the same file again is recognised and not stored twice.

    Raises PhotoError, with nothing left behind, for what is no usable photo.
    """
    checksum = file_checksum(data)
    image = Image.objects.filter(owner=user, checksum=checksum).first()
    if image is None:
        draft = Image(owner=user, title=title[:200])
        image = _store(draft, read_photo(data).image, checksum)
    else:
        _restore_files(image, data)
    remember_latest(user, image)
    return image


def add_to_set(image: Image, data: bytes) -> Image:
    """Keep a picture for the set and with the credits filled in on `image`.

    Raises PhotoError for what is no usable photo.
    """
    picture = read_photo(data).image
    return _store(image, picture, file_checksum(data))


def request_matching(image: Image) -> None:
    """Have a picture matched, unless it is under way already, or done by the encoder in use."""
    is_stale = image.state == State.READY and not matching.is_ranked(image)
    if is_stale or image.state in (State.NEW, State.FAILED):
        jobs.enqueue(image)


def remember_latest(user: User, image: Image) -> None:
    """What GET /generate_audio takes when it is not told which picture."""
    User.objects.filter(pk=user.pk).update(latest_image=image)


def random_image(
    user: User, other_than: str | None = None, image_set: ImageSet | None = None
) -> Image:
    """Draw a preloaded picture, where there is a choice not `other_than` (by default the latest).

    Raises NoPicturesError when no active set, or not the one that is asked for, has a picture.
    """
    preloaded = Image.objects.preloaded()
    if image_set is not None:
        preloaded = preloaded.filter(image_set=image_set)
    keys = list(preloaded.order_by("pk").values_list("pk", flat=True))
    if not keys:
        raise NoPicturesError(
            "There are no preloaded pictures yet. Upload one, or have an administrator run "
            "`python manage.py setup`."
        )
    avoided = other_than or str(user.latest_image_id)
    others = [key for key in keys if str(key) != avoided]
    image = Image.objects.get(pk=secrets.choice(others or keys))
    remember_latest(user, image)
    return image


def rename_image(image: Image, title: str) -> None:
    """What its owner calls it."""
    image.title = title
    image.save(update_fields=["title"])


def delete_image(image: Image) -> None:
    """With its files, and the soundscapes that were made of it."""
    image.delete()


def import_starter_pictures(progress: Callable[[int, int], None]) -> int:
    """Put the pictures that come inside installed packages into their set; how many are new."""
    image_set, _created = ImageSet.objects.get_or_create(
        name=STARTER_SET,
        defaults={"description": "Photographs that come with the packages this runs on."},
    )
    known = set(image_set.images.values_list("source", flat=True))
    missing = [picture for picture in starter.STARTER_PICTURES if picture.source not in known]
    for number, picture in enumerate(missing, start=1):
        draft = Image(
            image_set=image_set,
            title=picture.title,
            author=picture.author,
            licence=picture.licence,
            source=picture.source,
        )
        _store(draft, starter.load(picture), file_checksum(picture.source.encode()))
        progress(number, len(missing))
    return len(missing)


def draw_scenes(progress: Callable[[int, int], None]) -> int:
    """Draw the scenes that their set does not hold yet; how many are new.

    The set keeps them in the album's order, which is the one in which they are offered.
    """
    image_set, _created = ImageSet.objects.get_or_create(
        name=SCENES_SET,
        defaults={"description": "Landscapes and still lifes that the application draws itself."},
    )
    known = set(image_set.images.values_list("source", flat=True))
    missing = [scene for scene in scenes.SCENES if scene.source not in known]
    for number, scene in enumerate(missing, start=1):
        draft = Image(
            image_set=image_set,
            title=scene.title,
            author=scenes.AUTHOR,
            licence=scenes.LICENCE,
            source=scene.source,
        )
        _store(draft, scenes.draw(scene), file_checksum(scene.source.encode()))
        progress(number, len(missing))
    return len(missing)


def _store(image: Image, picture: PillowImage.Image, checksum: str) -> Image:
    """Files first, then the row: a row never names a file that is not there."""
    image.checksum = checksum
    image.width, image.height = picture.size
    try:
        _write_files(image, picture)
        with transaction.atomic():
            image.save(force_insert=True)
    except IntegrityError:  # the same file came twice at once; the other one stands
        _delete_files(image)
        return Image.objects.get(
            owner=image.owner, image_set=image.image_set, checksum=image.checksum
        )
    except Exception:
        _delete_files(image)
        raise
    return image


def _restore_files(image: Image, data: bytes) -> None:
    """Put back what has been lost on the server: who is told to upload it again can."""
    if _exists(image.file) and _exists(image.thumbnail):
        return
    picture = read_photo(data).image
    _delete_files(image)
    _write_files(image, picture)
    image.save(update_fields=["file", "thumbnail"])


def is_restorable(image: Image) -> bool:
    """Whether a picture that has lost a file can be had again here, without its owner."""
    return _exists(image.file) or image.source in _shipped()


def restore(image: Image) -> None:
    """Make the files of a picture again, from the larger one or where it came from.

    Raises KeyError for one that is not restorable.
    """
    if _exists(image.file):
        with image.file.open("rb") as file:
            picture = read_photo(file.read()).image
        data = to_jpeg(picture, THUMBNAIL_SIDE)
        image.thumbnail.save("", ContentFile(data), save=False)
        image.save(update_fields=["thumbnail"])
        return
    picture = _shipped()[image.source]()
    _delete_files(image)
    _write_files(image, picture)
    image.save(update_fields=["file", "thumbnail"])


def _shipped() -> Mapping[str, Callable[[], PillowImage.Image]]:
    """How to make the pictures that come with the application, by their source."""
    drawn = {scene.source: partial(scenes.draw, scene) for scene in scenes.SCENES}
    return drawn | {each.source: partial(starter.load, each) for each in starter.STARTER_PICTURES}


def _exists(file: FieldFile) -> bool:
    return file.storage.exists(str(file.name))


def _write_files(image: Image, picture: PillowImage.Image) -> None:
    image.file.save("", ContentFile(to_jpeg(picture, STORED_SIDE)), save=False)
    image.thumbnail.save("", ContentFile(to_jpeg(picture, THUMBNAIL_SIDE)), save=False)


def _delete_files(image: Image) -> None:
    for file in (image.file, image.thumbnail):
        if file:
            file.delete(save=False)
