"""Deleting, restoring and purging soundscapes."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from soundscapes.files import batches
from soundscapes.generations import generations, library, search
from soundscapes.images import images
from soundscapes.limits import storage
from soundscapes.models import Generation, Image, SearchQuery, State
from soundscapes.models.generations import UNDO
from soundscapes.operations import maintenance
from tests import factories, sample_files
from tests.connections import at_once, parallel, raised
from tests.queue import work_off

pytestmark = pytest.mark.django_db


def keys(*rows):
    return [row.pk for row in rows]


def later(monkeypatch, passed):
    now = timezone.now() + passed
    monkeypatch.setattr(timezone, "now", lambda: now)


def test_deleted_soundscapes_keep_their_files_until_the_purge(
    owner, generation, stored, monkeypatch, django_capture_on_commit_callbacks
):
    before = stored()
    library.delete(owner, keys(generation))
    later(monkeypatch, UNDO / 2)
    assert library.purge() == 0
    assert stored() == before
    later(monkeypatch, UNDO)
    with django_capture_on_commit_callbacks(execute=True):
        assert library.purge() == 1
    assert stored() == set()
    assert not Image.objects.exists()


def test_restoring_has_a_deadline(owner, generation, monkeypatch):
    moment = library.delete(owner, keys(generation))
    later(monkeypatch, UNDO + timedelta(seconds=1))
    assert library.restore(owner, moment) == 0


@parallel
@pytest.mark.parametrize("_round", range(3))
def test_restoring_in_parallel_cannot_exceed_the_storage(owner, settings, _round):
    rows = [factories.GenerationFactory(owner=owner, ready=True, size=10**6) for _ in range(4)]
    settings.STORAGE_LIMIT = storage.usage(owner).used - 2 * 10**6
    moments = [library.delete(owner, keys(row)) for row in rows]
    results = at_once(*(partial(library.restore, owner, moment) for moment in moments))
    assert raised(results, library.NoRoomError) == 2


def test_an_image_stays_while_it_has_a_soundscape(owner, generation, monkeypatch):
    factories.GenerationFactory(owner=owner, image=generation.image, ready=True)
    library.delete(owner, keys(generation))
    later(monkeypatch, UNDO)
    assert library.purge() == 1
    assert Image.objects.filter(pk=generation.image_id).exists()


def test_an_image_of_a_set_stays(owner, monkeypatch):
    image = factories.ImageFactory(of_set=True)
    library.delete(owner, keys(factories.GenerationFactory(owner=owner, image=image)))
    later(monkeypatch, UNDO)
    library.purge()
    assert Image.objects.filter(pk=image.pk).exists()


def test_deleting_an_unfinished_soundscape_cancels_it(owner, sounds):
    image = factories.ImageFactory(owner=owner)
    generation = generations.create_generation(owner, image, duration=5)
    moment = library.delete(owner, keys(generation))
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert library.restore(owner, moment) == 1
    generations.retry_generation(generation)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


def test_a_deleted_soundscape_is_not_reused(owner):
    image = factories.ImageFactory(owner=owner)
    first = generations.get_or_create_generation(owner, image)
    library.delete(owner, keys(first))
    assert generations.get_or_create_generation(owner, image) != first


def test_the_heartbeat_purges_and_forgets_old_searches(owner, generation, monkeypatch):
    library.delete(owner, keys(generation))
    SearchQuery.objects.create(text="old", encoder="x")
    later(monkeypatch, search.KEPT_FOR + timedelta(days=1))
    SearchQuery.objects.create(text="new", encoder="x", asked_at=timezone.now())
    maintenance.run()
    assert not Generation.objects.exists()
    assert [query.text for query in SearchQuery.objects.all()] == ["new"]


def test_an_image_uploaded_again_after_the_deletion_stays(owner, monkeypatch):
    image = images.upload_image(owner, sample_files.photo())
    library.delete(owner, keys(factories.GenerationFactory(owner=owner, image=image)))
    assert images.upload_image(owner, sample_files.photo()) == image
    later(monkeypatch, UNDO)
    assert library.purge() == 1
    assert Image.objects.get() == image


def test_an_image_uploaded_again_before_the_deletion_is_deleted(owner, monkeypatch):
    image = images.upload_image(owner, sample_files.photo())
    images.upload_image(owner, sample_files.photo())
    library.delete(owner, keys(factories.GenerationFactory(owner=owner, image=image)))
    later(monkeypatch, UNDO)
    library.purge()
    assert not Image.objects.exists()


def test_the_purge_works_in_batches(owner, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 2)
    rows = [factories.GenerationFactory(owner=owner, ready=True) for _ in range(5)]
    library.delete(owner, keys(*rows))
    later(monkeypatch, UNDO)
    assert library.purge() == 5
    assert not Image.objects.exists()


@parallel
@pytest.mark.parametrize("_round", range(5))
def test_an_image_uploaded_during_its_purge_has_its_files(owner, _round):
    data = sample_files.photo()
    image = images.upload_image(owner, data)
    long_ago = timezone.now() - 2 * UNDO
    factories.GenerationFactory(owner=owner, image=image, deleted_at=long_ago)
    Image.objects.update(created_at=long_ago)
    results = at_once(library.purge, partial(images.upload_image, owner, data))
    assert raised(results, LookupError) == 0
    stored = Image.objects.get()
    assert stored == results[1]
    assert stored.file.storage.exists(stored.file.name)
