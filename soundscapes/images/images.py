"""Storing, copying, restoring and drawing of images."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image as PillowImage

from soundscapes.engine import scenes, starter
from soundscapes.engine.errors import NoImagesError
from soundscapes.engine.photos.blankness import is_blank
from soundscapes.engine.photos.reading import (
    Photo,
    file_checksum,
    read_photo,
    to_jpeg,
    to_thumbnail,
)
from soundscapes.engine.sound.plots import waveform_image
from soundscapes.files import journal
from soundscapes.files.storage import is_stored
from soundscapes.limits import quotas, storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Embedding, Image, ImageSet, Similarity, State, User
from soundscapes.models.images import image_path, thumbnail_path
from soundscapes.models.text import cleaned

logger = logging.getLogger(__name__)

CREDITS = ("title", "author", "licence", "source")
STORED_SIDE = 2048  # pixels: enough for any screen and any encoder
THUMBNAIL_SIDE = 300
STARTER_SET = "Starter images"
SCENES_SET = "Drawn scenes"


@dataclass(frozen=True, slots=True)
class Shipped:
    credits: dict[str, str]
    make: Callable[[], PillowImage.Image]


@dataclass(frozen=True, slots=True)
class PhotoFiles:
    """Files of an image to be stored; `width` and `height` are the original's in pixels."""

    checksum: str
    width: int
    height: int
    is_blank: bool
    jpeg: bytes
    thumbnail: bytes


def upload_image(user: User, data: bytes, title: str = "") -> Image:
    """Store a user's image, unless they already have the same file.

    Raise PhotoError for an unusable file, LimitError at a limit; then nothing is stored.
    """
    if find_uploaded(user, data) is None:
        admit(user, Kind.UPLOAD, size=len(data))
    else:
        quotas.charge(user, Kind.UPLOAD)  # it needs no storage
    return keep_photo(user, data, title)


def find_uploaded(user: User, data: bytes) -> Image | None:
    return Image.objects.filter(owner=user, checksum=file_checksum(data)).first()


def keep_photo(user: User, data: bytes, title: str = "") -> Image:
    """Store an upload that has passed admission. Raise PhotoError."""
    image = find_uploaded(user, data)
    if image is None or not _is_kept(image):
        draft = Image(owner=user, title=cleaned(title)[:200])
        image = _store(draft, read_files(data))
    else:
        _restore_files(image, data)
    remember_latest(user, image)
    return image


def _is_kept(image: Image) -> bool:
    """Protect an image from the purge of its deleted soundscapes; False if already purged."""
    again = Image.objects.filter(pk=image.pk).update(uploaded_again_at=timezone.now())
    return bool(again)


def copy_image(user: User, image: Image) -> Image:
    """Return the user's copy of an image, with its matches and embeddings.

    An image of a set is returned itself, and an existing copy is reused.
    """
    if image.owner_id is None:
        return image
    known = Image.objects.filter(owner=user, checksum=image.checksum).first()
    if known is not None:
        return known
    facts = ("checksum", "width", "height", "size", "is_blank", *CREDITS)
    copy = Image(owner=user, **{name: getattr(image, name) for name in facts})
    copy = _insert(copy, partial(_copy_files, image, copy))
    similarities, embeddings = list(image.similarities.all()), list(image.embeddings.all())
    rows: list[Similarity | Embedding] = [*similarities, *embeddings]
    for row in rows:
        row.pk, row.image = None, copy
    with transaction.atomic():
        Similarity.objects.bulk_create(similarities, ignore_conflicts=True)
        Embedding.objects.bulk_create(embeddings, ignore_conflicts=True)
        if image.state == State.READY:
            Image.objects.filter(pk=copy.pk).update(
                state=State.READY, stage=image.stage, progress=image.progress
            )
    return copy


def draw_waveform(user: User, peaks: Sequence[int], title: str) -> Image:
    """Create an image of a waveform from a soundscape's peaks, 0 to 100."""
    drawn = waveform_image(peaks)
    draft = Image(owner=user, title=title[:200])
    return _store(draft, _encoded(drawn, file_checksum(drawn.tobytes()), drawn.size))


def add_to_set(image: Image, files: PhotoFiles) -> Image:
    """Store an image with the set and credits of `image`."""
    return _store(image, files)


def read_files(data: bytes) -> PhotoFiles:
    """Read an image file, without the database, so that threads can. Raise PhotoError."""
    return files_of(check_photo(data), file_checksum(data))


def files_of(photo: Photo, checksum: str) -> PhotoFiles:
    """Return what is stored of a checked photo."""
    return _encoded(photo.image, checksum, (photo.width, photo.height))


def check_photo(data: bytes) -> Photo:
    """Decode an image file at its stored size. Raise PhotoError."""
    return read_photo(data, max_side=STORED_SIDE)


def remember_latest(user: User, image: Image) -> None:
    """Remember the default image of GET /generate_audio."""
    User.objects.filter(pk=user.pk).update(latest_image=image)


def random_image(
    user: User, other_than: str | None = None, image_set: ImageSet | None = None
) -> Image:
    """Draw a preloaded image, if possible other than `other_than` (by default the latest).

    Raise NoImagesError if the active sets, or `image_set`, contain no image.
    """
    avoided = other_than or str(user.latest_image_id)
    offered = Image.objects.drawn_from()
    if image_set is not None:
        offered = Image.objects.preloaded().filter(image_set=image_set)
    keys = list(offered.order_by("pk").values_list("pk", "image_set"))
    if not keys:
        raise NoImagesError(
            "There are no preloaded images yet. Upload an image, or ask the administrator to run "
            "`manage.py setup`."
        )
    others = [row for row in keys if str(row[0]) != avoided] or keys
    drawn = _draw_set({set_key for _key, set_key in others}) if image_set is None else image_set.pk
    key = secrets.choice([key for key, set_key in others if set_key == drawn])
    image = Image.objects.get(pk=key)
    remember_latest(user, image)
    return image


def _draw_set(keys: set[int]) -> int:
    rows = ImageSet.objects.filter(pk__in=keys).order_by("pk").values_list("pk", "weight")
    sets, weights = zip(*rows, strict=True)
    drawn: int = secrets.SystemRandom().choices(sets, weights)[0]
    return drawn


def rename_image(image: Image, title: str) -> None:
    image.title = title
    Image.objects.filter(pk=image.pk).update(title=title)


def delete_image(image: Image) -> None:
    with transaction.atomic():
        User.lock(images=image)  # as whatever gives it a soundscape does
        image.delete()


def delete_unused(image: Image, since: datetime) -> None:
    """Delete a user's image that was stored after `since`, if it has no soundscape."""
    mine = Image.objects.filter(pk=image.pk, owner__isnull=False, created_at__gte=since)
    with transaction.atomic():
        User.lock(images=image)  # the lock that creating a soundscape takes
        mine.filter(generations=None).delete()


def import_starter_images(progress: Callable[[int, int], None]) -> int:
    """Import images from installed packages. Return the number of new ones."""
    about = "Photographs from the installed packages."
    return _fill_set(STARTER_SET, about, _photographs(), progress)


def import_scenes(progress: Callable[[int, int], None]) -> int:
    """Import the scenes that ship with the application. Return the number of new ones."""
    about = "Landscapes and still lifes that ship with the application."
    return _fill_set(SCENES_SET, about, _scenes(), progress)


def _fill_set(
    name: str, about: str, images: Sequence[Shipped], progress: Callable[[int, int], None]
) -> int:
    image_set, _created = ImageSet.objects.get_or_create(name=name, defaults={"description": about})
    known = set(image_set.images.values_list("source", flat=True))
    missing = [each for each in images if each.credits["source"] not in known]
    with ThreadPoolExecutor() as pool:  # Pillow scales and encodes without the interpreter's lock
        encoded = pool.map(_encode_shipped, missing)
        for number, (each, files) in enumerate(zip(missing, encoded, strict=True), start=1):
            _store(Image(image_set=image_set, **each.credits), files)
            progress(number, len(missing))
    return len(missing)


def _encode_shipped(shipped: Shipped) -> PhotoFiles:
    image = shipped.make()
    return _encoded(image, file_checksum(shipped.credits["source"].encode()), image.size)


def _encoded(photo: PillowImage.Image, checksum: str, size: tuple[int, int]) -> PhotoFiles:
    with ThreadPoolExecutor(1) as pool:
        thumbnail = pool.submit(to_thumbnail, photo, THUMBNAIL_SIDE)
        jpeg = to_jpeg(photo, STORED_SIDE)
        return PhotoFiles(checksum, *size, is_blank(photo), jpeg, thumbnail.result())


def _store(image: Image, files: PhotoFiles) -> Image:
    image.width, image.height = files.width, files.height
    image.is_blank, image.checksum = files.is_blank, files.checksum
    return _insert(image, partial(_write_files, image, files))


def _insert(image: Image, write_files: Callable[[], None]) -> Image:
    """Write the files before the row, so that no row names a missing file."""
    with journal.storing(image_path(image), thumbnail_path(image)):
        return _insert_noted(image, write_files)


def _insert_noted(image: Image, write_files: Callable[[], None]) -> Image:
    try:
        write_files()
        with transaction.atomic():
            if image.owner is not None:
                storage.reserve(image.owner, image.size)
            image.save(force_insert=True)
    except IntegrityError:  # a concurrent upload stored the same file
        _delete_files(image)
        return Image.objects.get(
            owner=image.owner, image_set=image.image_set, checksum=image.checksum
        )
    except Exception:
        _delete_files(image)
        raise
    return image


def _restore_files(image: Image, data: bytes) -> None:
    """Replace lost files from a repeated upload."""
    if is_stored(image.file) and is_stored(image.thumbnail):
        return
    files = read_files(data)
    _delete_files(image)
    _write_files(image, files)
    image.save(update_fields=["file", "thumbnail", "size"])


def is_restorable(image: Image) -> bool:
    """Return whether lost files can be restored without their owner."""
    return is_stored(image.file) or image.source in _shipped()


def restore(image: Image) -> None:
    """Restore files from the larger one or from the source. Raise KeyError if impossible."""
    if is_stored(image.file):
        with image.file.open("rb") as file:
            photo = read_photo(file.read()).image
        data = to_thumbnail(photo, THUMBNAIL_SIDE)
        image.thumbnail.save("", ContentFile(data), save=False)
        image.size = image.file.size + image.thumbnail.size
        image.save(update_fields=["thumbnail", "size"])
        return
    photo = _shipped()[image.source]()
    _delete_files(image)
    _write_files(image, _encoded(photo, image.checksum, photo.size))
    image.save(update_fields=["file", "thumbnail", "size"])


def _shipped() -> Mapping[str, Callable[[], PillowImage.Image]]:
    return {each.credits["source"]: each.make for each in (*_photographs(), *_scenes())}


def _photographs() -> list[Shipped]:
    return [
        Shipped({name: getattr(each, name) for name in CREDITS}, partial(starter.load, each))
        for each in starter.STARTER_IMAGES
    ]


def _scenes() -> list[Shipped]:
    credit = {"author": scenes.AUTHOR, "licence": scenes.LICENCE}
    return [
        Shipped(credit | {"title": each.title, "source": each.source}, each.load)
        for each in scenes.SCENES
    ]


def _write_files(image: Image, files: PhotoFiles) -> None:
    image.file.save("", ContentFile(files.jpeg), save=False)
    image.thumbnail.save("", ContentFile(files.thumbnail), save=False)
    image.size = image.file.size + image.thumbnail.size


def _copy_files(image: Image, copy: Image) -> None:
    for source, target in ((image.file, copy.file), (image.thumbnail, copy.thumbnail)):
        with source.open("rb") as file:
            target.save("", File(file), save=False)


def _delete_files(image: Image) -> None:
    for file in (image.file, image.thumbnail):
        if file:
            file.delete(save=False)
