"""Storing images, random draws and starter images."""

import io
from threading import Event

import pytest
from django.db import transaction
from PIL import Image as PillowImage

from soundscapes.engine import scenes, starter
from soundscapes.engine.errors import NoImagesError, PhotoError
from soundscapes.images import images, matching
from soundscapes.models import Embedding, Generation, Image, ImageSet, State, User
from tests import factories, sample_files
from tests.connections import at_once, has_waiting, parallel, raised
from tests.live.server import until
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


def test_an_image_is_stored_re_encoded_with_a_thumbnail(owner, stored):
    photo = PillowImage.new("RGB", (3000, 1500), "teal")
    exif = PillowImage.Exif()
    exif[0x010E] = "my address"
    image = images.upload_image(owner, sample_files.encoded(photo, "PNG", exif=exif), "The lake")
    assert (image.owner, image.title, image.state) == (owner, "The lake", State.NEW)
    assert (image.width, image.height) == (3000, 1500)
    assert stored() == {image.file.name, image.thumbnail.name}
    sides = {}
    for file, image_format in ((image.file, "JPEG"), (image.thumbnail, "WEBP")):
        with file.open("rb") as opened:
            data = opened.read()
        assert b"my address" not in data
        kept = PillowImage.open(io.BytesIO(data))
        assert kept.format == image_format
        sides[file.name] = max(kept.size)
    assert list(sides.values()) == [images.STORED_SIDE, images.THUMBNAIL_SIDE]
    owner.refresh_from_db()
    assert owner.latest_image == image


@pytest.mark.usefixtures("sounds")
def test_the_same_file_is_recognised_and_encoded_once(owner, stored):
    first = images.upload_image(owner, sample_files.photo())
    matching.request_matching(first)
    work_off()
    embedding = Embedding.objects.get()
    before = stored()
    other = images.upload_image(owner, sample_files.photo(1))
    again = images.upload_image(owner, sample_files.photo())
    assert again == first != other
    assert again.state == State.READY
    matching.request_matching(again)
    assert waiting() == []
    assert Embedding.objects.get() == embedding
    assert stored() - before == {other.file.name, other.thumbnail.name}
    owner.refresh_from_db()
    assert owner.latest_image == first


def test_two_users_can_have_the_same_image(owner, stranger):
    mine, theirs = (images.upload_image(user, sample_files.photo()) for user in (owner, stranger))
    assert mine != theirs
    assert mine.file.name != theirs.file.name


def test_concurrent_uploads_of_a_file_leave_one_row_and_its_files(owner, stored, monkeypatch):
    check_photo = images.check_photo

    def meanwhile(data):
        monkeypatch.setattr(images, "check_photo", check_photo)
        images.upload_image(owner, data)
        return check_photo(data)

    monkeypatch.setattr(images, "check_photo", meanwhile)
    image = images.upload_image(owner, sample_files.photo())
    assert Image.objects.get() == image
    assert stored() == {image.file.name, image.thumbnail.name}


@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
def test_an_invalid_image_is_rejected_and_not_stored(owner, stored, name):
    bad = sample_files.BAD_PHOTOS[name]
    with pytest.raises(PhotoError, match=bad.word) as caught:
        images.upload_image(owner, bad.make())
    assert caught.value.status == bad.status
    assert str(caught.value).endswith(".")
    assert not Image.objects.exists()
    assert stored() == set()
    owner.refresh_from_db()
    assert owner.latest_image is None


def test_a_failed_insert_leaves_no_files(stored):
    gone = factories.UserFactory()
    draft = Image(owner=gone, title="x" * 10, state="q" * 1000)
    draft.progress = "not a number"
    with pytest.raises(ValueError, match="not a number"):
        images.add_to_set(draft, images.read_files(sample_files.photo()))
    assert stored() == set()


# Random images


def test_a_random_image_comes_from_an_active_set_and_becomes_the_latest(owner, stranger):
    factories.ImageFactory(owner=stranger)
    factories.ImageFactory(of_set=True, image_set__is_active=False)
    offered = factories.ImageFactory(of_set=True)
    assert {images.random_image(owner) for _ in range(8)} == {offered}
    owner.refresh_from_db()
    assert owner.latest_image == offered


def test_a_random_image_differs_from_the_latest_if_possible(owner):
    image_set = factories.ImageSetFactory()
    first, second = (factories.ImageFactory(owner=None, image_set=image_set) for _ in range(2))
    assert {images.random_image(owner, str(first.pk)) for _ in range(12)} == {second}
    second.delete()
    assert images.random_image(owner, str(first.pk)) == first
    assert images.random_image(owner, "not an image") == first


def test_two_draws_in_a_row_give_two_images(owner):
    image_set = factories.ImageSetFactory()
    factories.ImageFactory.create_batch(2, owner=None, image_set=image_set)
    for _ in range(8):
        before = owner.latest_image
        assert images.random_image(owner) != before
        owner.refresh_from_db()


def test_without_preloaded_images_the_error_says_what_to_do(owner):
    with pytest.raises(NoImagesError, match=r"manage\.py setup"):
        images.random_image(owner)


# Starter images


@parallel
def test_a_deletion_waits_for_what_gives_the_image_a_soundscape(owner):
    image = factories.ImageFactory(owner=owner)
    made = factories.GenerationFactory(owner=owner, ready=True)
    is_locked = Event()

    def give() -> None:
        with transaction.atomic():
            User.lock(pk=owner.pk)
            is_locked.set()
            until(has_waiting, 10, "the deletion")
            Generation.objects.filter(pk=made.pk).update(image=image)

    def delete() -> None:
        assert is_locked.wait(10)
        images.delete_image(image)

    assert raised(at_once(give, delete), LookupError) == 0
    assert not Image.objects.filter(pk=image.pk).exists()
    assert not Generation.objects.filter(pk=made.pk).exists()


def test_scenes_are_imported_once_and_deleted_ones_restored(stored):
    steps = []
    assert images.import_scenes(lambda *step: steps.append(step)) == len(scenes.SCENES)
    assert steps[-1] == (len(scenes.SCENES), len(scenes.SCENES))
    rows = ImageSet.objects.get(name=images.SCENES_SET).images.order_by("created_at")
    assert [row.title for row in rows] == [scene.title for scene in scenes.SCENES]
    assert [row.description for row in rows] == [scene.alt for scene in scenes.SCENES]
    assert all(row.author and row.licence == "CC0 1.0" and row.source for row in rows)
    assert list(Image.objects.scenes()) == list(rows)
    before = stored()
    assert images.import_scenes(lambda *step: steps.append(step)) == 0
    assert stored() == before
    rows.first().delete()
    assert images.import_scenes(lambda *_step: None) == 1


def test_starter_images_are_imported_once(monkeypatch, stored):
    monkeypatch.setattr(starter, "STARTER_IMAGES", starter.STARTER_IMAGES[1:4])
    steps = []
    assert images.import_starter_images(lambda *step: steps.append(step)) == 3
    assert steps == [(1, 3), (2, 3), (3, 3)]
    rows = ImageSet.objects.get(name=images.STARTER_SET).images.all()
    assert all(row.title and row.author and row.licence and row.source for row in rows)
    before = stored()
    assert len(before) == 6
    assert images.import_starter_images(lambda *step: steps.append(step)) == 0
    assert stored() == before
    rows.first().delete()
    assert images.import_starter_images(lambda *_step: None) == 1


def test_sets_are_drawn_by_weight(owner):
    heavy = factories.ImageFactory(of_set=True, image_set__weight=50)
    light = factories.ImageFactory(of_set=True, image_set__weight=1)
    factories.ImageFactory(of_set=True, image_set__weight=0)
    drawn = [images.random_image(owner, "any") for _ in range(60)]
    assert set(drawn) <= {heavy, light}
    assert drawn.count(heavy) > drawn.count(light)


@pytest.mark.usefixtures("sounds")
def test_an_image_matched_in_the_meantime_is_not_enqueued(owner):
    image = images.upload_image(owner, sample_files.photo())
    read_before = Image.objects.get(pk=image.pk)
    matching.request_matching(image)
    assert work_off() == []
    matching.request_matching(read_before)
    assert waiting() == []
