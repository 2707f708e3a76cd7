"""Batch jobs of administrators."""

import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.imports import batch_jobs, batch_runs
from soundscapes.jobs import queue
from soundscapes.models import BatchJob, State
from tests import sample_files
from tests.imports.jobs import done, of_images
from tests.queue import work_off

pytestmark = pytest.mark.django_db


# Images


def test_a_confirmed_dry_run_is_imported_and_its_files_are_deleted(owner, image_set, stored):
    batch_job = done(
        of_images(owner, image_set, [sample_files.upload(sample_files.photo(1), "at_sea.jpg")])
    )
    assert batch_jobs.confirm(batch_job)
    assert not batch_jobs.confirm(batch_job)
    done(batch_job)
    image = image_set.images.get()
    assert (image.title, image.author, image.licence) == ("at sea", "Ada", "CC0")
    assert image.source == "https://example.org/"
    assert stored() == {image.file.name, image.thumbnail.name}
    assert not batch_job.has_files
    assert not batch_jobs.confirm(batch_job)


# Slices, interruptions and cleanup


def test_a_cancelled_batch_job_stops_and_continues_when_retried(owner, image_set, monkeypatch):
    monkeypatch.setattr(batch_runs, "SAVE_INTERVAL", 0.0)
    uploads = [
        sample_files.upload(sample_files.photo(number), f"{number}.jpg") for number in range(3)
    ]
    batch_job = of_images(owner, image_set, uploads, is_trial=False)
    from soundscapes.imports.image_imports import ImageImport

    take = ImageImport.take

    def take_and_cancel(self, number):
        row = take(self, number)
        if number == 1:
            batch_jobs.cancel(batch_job)
        return row

    with monkeypatch.context() as patch:
        patch.setattr(ImageImport, "take", take_and_cancel)
        assert work_off() == []
    batch_job.refresh_from_db()
    assert batch_job.state == State.CANCELLED
    assert image_set.images.count() == 2
    assert batch_jobs.retry(batch_job)
    done(batch_job)
    assert image_set.images.count() == 3


def test_a_deleted_batch_job_loses_its_files(
    owner, image_set, stored, django_capture_on_commit_callbacks
):
    batch_job = of_images(owner, image_set, [sample_files.upload(sample_files.photo())])
    assert stored()
    with django_capture_on_commit_callbacks(execute=True):
        batch_job.delete()
    assert stored() == set()


def test_a_batch_job_that_cannot_be_stored_leaves_nothing(owner, image_set, stored, monkeypatch):
    monkeypatch.setattr(queue, "enqueue", lambda _job: (_ for _ in ()).throw(EngineError("No.")))
    with pytest.raises(EngineError):
        of_images(owner, image_set, [sample_files.upload(sample_files.photo())])
    assert stored() == set()
    assert not BatchJob.objects.exists()
