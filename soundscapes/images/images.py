"""Storing of images, and random draws."""

import logging
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.core.files import File
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from PIL import Image as PillowImage

from soundscapes.engine import scenes, starter
from soundscapes.engine.errors import EngineError
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
from soundscapes.files.columns import FileColumn
from soundscapes.files.storage import is_stored
from soundscapes.images import matching
from soundscapes.jobs import queue
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import quotas, storage
from soundscapes.limits.admission import admit
from soundscapes.limits.quotas import Kind
from soundscapes.models import Embedding, Image, ImageSet, Similarity, State, User
from soundscapes.models.images import image_path, thumbnail_path
from soundscapes.models.jobs import RETRIED_STATES
from soundscapes.models.text import without_control_characters

logger = logging.getLogger(__name__)

CREDITS = ("title", "author", "licence", "source")
STORED_SIDE = 2048  # pixels: enough for any screen and any encoder
THUMBNAIL_SIDE = 300
STARTER_SET = "Starter pictures"
SCENES_SET = "Drawn scenes"


class NoImagesError(EngineError):
    """No preloaded image to draw."""


@dataclass(frozen=True, slots=True)
class Shipped:
    credits: dict[str, str]
    make: Callable[[], PillowImage.Image]


def upload_image(user: User, data: bytes, title: str = "") -> Image:
    """Store a user's image, the same file only once.

    Raises PhotoError for an unusable photo and LimitError at a limit, leaving nothing behind.
    """
    if find_uploaded(user, data) is None:
        admit(user, Kind.UPLOAD, size=len(data))
    else:
        quotas.charge(user, Kind.UPLOAD)  # which takes no room, and perhaps no work
    return keep_photo(user, data, title)


def find_uploaded(user: User, data: bytes) -> Image | None:
    return Image.objects.filter(owner=user, checksum=file_checksum(data)).first()


def keep_photo(user: User, data: bytes, title: str = "") -> Image:
    """Store an admitted upload. Raises PhotoError."""
    image = find_uploaded(user, data)
    if image is None or not _is_kept(image):
        draft = Image(owner=user, title=without_control_characters(title)[:200])
        image = _store_photo(draft, data, file_checksum(data))
    else:
        _restore_files(image, data)
    remember_latest(user, image)
    return image


def _is_kept(image: Image) -> bool:
    """Keep an image from being purged with its deleted soundscapes; False where it just was."""
    again = Image.objects.filter(pk=image.pk).update(uploaded_again_at=timezone.now())
    return bool(again)


def copy_image(user: User, image: Image) -> Image:
    """Give a user a copy of somebody's image with its embeddings.

    A set's image stays where it is; one that the user has is not stored twice.
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
    """Create an image of a sound's peaks, 0 to 100, as a waveform."""
    drawn = waveform_image(peaks)
    draft = Image(owner=user, title=title[:200])
    return _store(draft, drawn, file_checksum(drawn.tobytes()), drawn.size)


def add_to_set(image: Image, data: bytes) -> Image:
    """Store a photo with the set and credits of `image`. Raises PhotoError."""
    return _store_photo(image, data, file_checksum(data))


def check_photo(data: bytes) -> Photo:
    """Decode a photo at its stored size. Raises PhotoError."""
    return read_photo(data, max_side=STORED_SIDE)


def request_matching(image: Image) -> None:
    """Queue the matching unless it is under way or done by the encoder in use."""
    image.refresh_from_db(fields=["state"])  # it may have been matched since it was read
    is_stale = image.state == State.READY and not matching.is_ranked(image)
    if is_stale or image.state in (State.NEW, *RETRIED_STATES):
        queue.enqueue(image)


def remember_latest(user: User, image: Image) -> None:
    """Remember the default image of GET /generate_audio."""
    User.objects.filter(pk=user.pk).update(latest_image=image)


def random_image(
    user: User, other_than: str | None = None, image_set: ImageSet | None = None
) -> Image:
    """Draw a preloaded image, if possible not `other_than` (by default the latest).

    Raises NoImagesError without an image in an active set, or in the one asked for.
    """
    avoided = other_than or str(user.latest_image_id)
    offered = Image.objects.drawn_from()
    if image_set is not None:
        offered = Image.objects.preloaded().filter(image_set=image_set)
    keys = list(offered.order_by("pk").values_list("pk", "image_set"))
    if not keys:
        raise NoImagesError(
            "There are no preloaded images yet. Upload one, or have an administrator run "
            "`python manage.py setup`."
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
    image.delete()


def delete_unused(image: Image, since: datetime) -> None:
    """Delete a user's image stored after `since` of which there is no soundscape."""
    mine = Image.objects.filter(pk=image.pk, owner__isnull=False, created_at__gte=since)
    with transaction.atomic():
        User.lock(images=image)  # as whoever makes a soundscape of it
        mine.filter(generations=None).delete()


def import_starter_images(progress: Callable[[int, int], None]) -> int:
    """Import images inside installed packages; return how many are new."""
    about = "Photographs that come with the packages this runs on."
    return _fill_set(STARTER_SET, about, _photographs(), progress)


def import_scenes(progress: Callable[[int, int], None]) -> int:
    """Import the shipped scenes in order; return how many are new."""
    about = "Landscapes and still lifes that ship with the application."
    return _fill_set(SCENES_SET, about, _scenes(), progress)


def _fill_set(
    name: str, about: str, images: Sequence[Shipped], progress: Callable[[int, int], None]
) -> int:
    image_set, _created = ImageSet.objects.get_or_create(name=name, defaults={"description": about})
    known = set(image_set.images.values_list("source", flat=True))
    missing = [each for each in images if each.credits["source"] not in known]
    for number, each in enumerate(missing, start=1):
        image = each.make()
        draft = Image(image_set=image_set, **each.credits)
        _store(draft, image, file_checksum(draft.source.encode()), image.size)
        progress(number, len(missing))
    return len(missing)


def _store_photo(image: Image, data: bytes, checksum: str) -> Image:
    photo = check_photo(data)
    return _store(image, photo.image, checksum, (photo.width, photo.height))


def _store(image: Image, photo: PillowImage.Image, checksum: str, size: tuple[int, int]) -> Image:
    """`size` is the original's, in pixels; the stored photo may be smaller."""
    image.width, image.height = size
    image.is_blank = is_blank(photo)
    image.checksum = checksum
    return _insert(image, partial(_write_files, image, photo))


def _insert(image: Image, write_files: Callable[[], None]) -> Image:
    """Write files, then the row: a row never names a missing file."""
    with journal.storing(image_path(image), thumbnail_path(image)):
        return _insert_noted(image, write_files)


def _insert_noted(image: Image, write_files: Callable[[], None]) -> Image:
    try:
        write_files()
        with transaction.atomic():
            if image.owner is not None:
                storage.reserve(image.owner, image.size)
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
    """Replace lost files when the user uploads the photo again."""
    if is_stored(image.file) and is_stored(image.thumbnail):
        return
    photo = check_photo(data).image
    _delete_files(image)
    _write_files(image, photo)
    image.save(update_fields=["file", "thumbnail", "size"])


def is_restorable(image: Image) -> bool:
    """Return whether lost files can be remade without the owner."""
    return is_stored(image.file) or image.source in _shipped()


def restore(image: Image) -> None:
    """Remake files from the larger one or the source. Raises KeyError if impossible."""
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
    _write_files(image, photo)
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


def _write_files(image: Image, photo: PillowImage.Image) -> None:
    image.file.save("", ContentFile(to_jpeg(photo, STORED_SIDE)), save=False)
    image.thumbnail.save("", ContentFile(to_thumbnail(photo, THUMBNAIL_SIDE)), save=False)
    image.size = image.file.size + image.thumbnail.size


def _copy_files(image: Image, copy: Image) -> None:
    for source, target in ((image.file, copy.file), (image.thumbnail, copy.thumbnail)):
        with source.open("rb") as file:
            target.save("", File(file), save=False)


def _delete_files(image: Image) -> None:
    for file in (image.file, image.thumbnail):
        if file:
            file.delete(save=False)


KIND = JobKind(
    name="matching",
    label="Matching an image",
    model=Image,
    run=matching.make,
    quick=Q(),
    result="api_image",
    admit=lambda image: admit(image.owner),
    files=(FileColumn("images", Image, "file"), FileColumn("thumbnails", Image, "thumbnail")),
)
