"""Storage of accounts and its limits."""

from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from soundscapes.accounts import exports
from soundscapes.generations import generations, library, transcoding
from soundscapes.images import images
from soundscapes.imports import batch_jobs
from soundscapes.limits import admission, quotas, storage
from soundscapes.models import BatchJob, Generation, Image, State
from tests import factories, sample_files
from tests.layers import rendered_layers
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def photo_of(owner):
    return images.upload_image(owner, sample_files.photo())


def taken(user) -> int:
    return storage.usage(user).used


def on_disk(media) -> int:
    kept = ("images", "thumbnails", "generations")
    return sum(p.stat().st_size for d in kept for p in (media / d).rglob("*") if p.is_file())


@pytest.mark.usefixtures("sounds")
def test_finished_soundscapes_count_with_the_size_of_their_files(owner, photo_of, settings):
    generation = generations.create_generation(owner, photo_of, duration=5, layer_count=2)
    assert work_off() == []
    assert taken(owner) == on_disk(settings.MEDIA_ROOT)
    generation.refresh_from_db()
    for _time in range(2):  # a regenerated file counts once
        rendition = transcoding.get_or_create_rendition(generation, "ogg")
        assert work_off() == []
        assert taken(owner) == on_disk(settings.MEDIA_ROOT)
        rendition.refresh_from_db()
        rendition.file.storage.delete(rendition.file.name)
    transcoding.get_or_create_rendition(generation, "ogg")
    rendered_layers(generation)
    assert taken(owner) == on_disk(settings.MEDIA_ROOT)


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize("duration", [5, 9])
def test_the_expected_size_is_close_to_the_real_one(owner, photo_of, duration):
    generation = generations.create_generation(owner, photo_of, duration=duration)
    expected = generation.size
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY
    assert 0.7 < expected / generation.size < 1.4  # FLAC depends on the sounds


def test_unfinished_soundscapes_count_and_failed_or_deleted_ones_do_not(owner, photo_of):
    alone = taken(owner)
    rows = [generations.create_generation(owner, photo_of, duration=5) for _ in range(4)]
    each = rows[0].size
    assert taken(owner) == alone + 4 * each
    Generation.objects.filter(pk=rows[0].pk).update(state=State.FAILED)
    generations.cancel_generation(rows[1])
    library.delete(owner, [rows[2].pk])
    assert taken(owner) == alone + each


def test_unfinished_conversions_count_so_that_only_those_that_fit_are_admitted(owner, settings):
    rows = factories.GenerationFactory.create_batch(3, owner=owner, duration=60, ready=True)
    alone = taken(owner)
    settings.STORAGE_LIMIT = alone + storage.expected_size(60)
    transcoding.get_or_create_rendition(rows[0], "ogg")
    transcoding.get_or_create_rendition(rows[1], "layers")  # a cache
    assert taken(owner) > alone
    with pytest.raises(storage.StorageFullError):
        transcoding.get_or_create_rendition(rows[2], "mp3")
    library.delete(owner, [rows[0].pk])
    transcoding.get_or_create_rendition(rows[2], "mp3")


def test_preloaded_images_and_other_users_do_not_count(owner, stranger, photo_of):
    before = taken(owner)
    factories.ImageFactory(of_set=True, size=10**9)
    factories.ImageFactory(owner=stranger, size=10**9)
    factories.GenerationFactory(owner=stranger, size=10**9)
    assert taken(owner) == before == photo_of.size


def test_work_beyond_the_storage_is_refused_and_leaves_nothing(owner, photo_of, settings):
    settings.STORAGE_LIMIT = taken(owner) + storage.expected_size(5)
    generations.create_generation(owner, photo_of, duration=5, layer_count=3)
    counted = {quota.kind: quota.used for quota in quotas.left(owner)}
    with pytest.raises(storage.StorageFullError, match="Delete soundscapes"):
        generations.create_generation(owner, photo_of, duration=5, layer_count=1)
    with pytest.raises(storage.StorageFullError):
        images.upload_image(owner, sample_files.photo(1))
    assert Generation.objects.count() == Image.objects.count() == 1
    generating = {quota.kind: quota.used for quota in quotas.left(owner)}[quotas.Kind.GENERATE]
    assert generating == counted[quotas.Kind.GENERATE]  # refused requests do not count


def test_deleting_frees_storage_at_once(owner, photo_of, settings):
    settings.STORAGE_LIMIT = taken(owner) + storage.expected_size(5)
    first = generations.create_generation(owner, photo_of, duration=5)
    library.delete(owner, [first.pk])
    generations.create_generation(owner, photo_of, duration=5)


def test_uploading_an_existing_image_needs_no_storage(owner, photo_of, settings):
    settings.STORAGE_LIMIT = 1
    assert images.upload_image(owner, sample_files.photo()) == photo_of


def test_usage_takes_one_query(owner, django_assert_num_queries):
    factories.GenerationFactory.create_batch(3, owner=owner, ready=True)
    with django_assert_num_queries(1):
        storage.usage(owner)


@pytest.mark.parametrize(
    ("size", "words"),
    [(0, "0 kB"), (734_000, "734 kB"), (12_400_000, "12.4 MB"), (20 * 10**9, "20 GB")],
)
def test_sizes_are_formatted_in_decimal_units(size, words):
    assert storage.in_words(size) == words


@pytest.fixture
def disk(monkeypatch, settings):
    """Return a function that sets the free bytes of the disk; the reserve is 1 GB."""
    settings.DISK_RESERVE = 10**9
    space = SimpleNamespace(free=0)
    monkeypatch.setattr(storage.shutil, "disk_usage", lambda _folder: space)
    return space


def test_new_work_leaves_the_disk_reserve_free(owner, stranger, photo_of, disk, settings):
    size = storage.expected_size(60)
    disk.free = 10**9 + 2 * size
    first = generations.create_generation(owner, photo_of, duration=60)
    theirs = factories.ImageFactory(owner=stranger)
    generations.create_generation(stranger, theirs, duration=60)
    for ask in (
        lambda: generations.create_generation(owner, photo_of, duration=5),
        lambda: images.upload_image(owner, sample_files.photo(1)),
        lambda: exports.request_export(owner),
    ):
        with pytest.raises(storage.DiskFullError, match="disk is nearly full"):
            ask()
    generations.cancel_generation(first)
    disk.free = 10**9 + 2 * size
    assert generations.create_generation(owner, photo_of, duration=60)


def test_unfinished_conversions_and_exports_count_with_their_expected_size(
    owner, stranger, photo_of, disk
):
    disk.free = 10**12
    long = factories.GenerationFactory(owner=owner, image=photo_of, duration=3600, ready=True)
    factories.GenerationFactory(owner=owner, size=10**9, ready=True)
    transcoding.get_or_create_rendition(long, "ogg")
    exports.request_export(owner)
    expected = storage.expected_size(3600) - storage.OVERHEAD + storage.usage(owner).used
    disk.free = 10**9 + expected
    admission.admit(stranger)
    disk.free -= 1
    with pytest.raises(storage.DiskFullError):
        admission.admit(stranger)


def test_imports_of_administrators_leave_the_disk_reserve_free(administrator, disk, stored):
    disk.free = 10**9 + 999
    files = [ContentFile(bytes(1000), "a.zip")]
    with pytest.raises(storage.DiskFullError):
        batch_jobs.create_batch_job(administrator, BatchJob.Kind.IMAGES, "", {}, uploads=files)
    assert stored() == set()


@pytest.mark.usefixtures("bucket")
def test_a_bucket_needs_no_disk_reserve(owner, disk):
    admission.admit(owner, size=10**6)


def test_a_full_disk_is_a_problem_in_the_api(api, photo_of, disk):
    answer = api.post("/api/v1/generations/", {"image": str(photo_of.pk)}, format="json")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["type"].endswith("/disk-full/")


def test_a_new_account_may_have_no_storage(owner, settings):
    settings.NEW_STORAGE = 0
    owner.date_joined = timezone.now()
    assert storage.usage(owner) == storage.Usage(used=0, limit=0)
    assert storage.usage(owner).percent == 0
