"""Batch jobs in the worker: slices, interruptions and leftovers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.imports import batch_jobs, batch_runs
from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import BatchJob, State
from soundscapes.models.batch_jobs import KEPT, Outcome
from soundscapes.models.jobs import MAX_ATTEMPTS
from tests import sample_files
from tests.imports.jobs import done, of_images, outcomes
from tests.queue import work_off

pytestmark = pytest.mark.django_db


# Images


def test_an_import_stops_before_the_disk_s_reserve_and_can_be_continued(owner, image_set, settings):
    uploads = [sample_files.upload(sample_files.photo(1), "1.jpg")]
    batch_job = of_images(owner, image_set, uploads, is_trial=False)
    settings.DISK_RESERVE = 10**18
    work_off()
    batch_job.refresh_from_db()
    assert batch_job.state == State.FAILED
    assert "disk is nearly full" in batch_job.error
    assert not image_set.images.exists()
    settings.DISK_RESERVE = 0
    assert batch_jobs.retry(batch_job)
    done(batch_job)
    assert image_set.images.count() == 1


def test_a_long_batch_job_yields_to_others_and_continues(owner, image_set, monkeypatch):
    monkeypatch.setattr(batch_runs, "SLICE", 0.0)
    uploads = [
        sample_files.upload(sample_files.photo(number), f"{number}.jpg") for number in range(5)
    ]
    batch_job = of_images(owner, image_set, uploads, is_trial=False)
    seen = []
    take = batch_runs.handlers.open_steps

    def open_steps(opened):
        seen.append(len(opened.rows))
        return take(opened)

    monkeypatch.setattr(batch_runs.handlers, "open_steps", open_steps)
    done(batch_job)
    assert seen == [0, 1, 2, 3, 4]  # more turns than attempts
    assert len(seen) > MAX_ATTEMPTS
    assert [outcome for _name, outcome in outcomes(batch_job)] == [Outcome.NEW] * 5
    assert image_set.images.count() == 5


def test_a_batch_job_delivered_twice_is_done_once(owner, image_set):
    batch_job = of_images(
        owner, image_set, [sample_files.upload(sample_files.photo())], is_trial=False
    )
    queue.wake_up()
    done(batch_job)
    assert outcomes(batch_job) == [("photo.jpg", Outcome.NEW)]


def test_a_batch_job_of_a_dead_worker_continues(owner, image_set):
    batch_job = of_images(
        owner, image_set, [sample_files.upload(sample_files.photo())], is_trial=False
    )
    claim = claims.claim(kind_of(batch_job), batch_job)
    BatchJob.objects.update(leased_until=timezone.now() - timedelta(minutes=5))
    assert claim is not None
    assert queue.recover() == 1
    done(batch_job)
    assert image_set.images.count() == 1


def test_a_batch_job_that_kills_every_worker_fails_with_a_message(owner, image_set):
    batch_job = of_images(owner, image_set, [sample_files.upload(sample_files.photo())])
    BatchJob.objects.update(attempts=MAX_ATTEMPTS)
    assert claims.claim(kind_of(batch_job), batch_job) is None
    batch_job.refresh_from_db()
    assert "Leave that item out" in batch_job.error


def test_files_of_unconfirmed_dry_runs_are_deleted_after_a_week(owner, image_set, stored):
    old = done(of_images(owner, image_set, [sample_files.upload(sample_files.photo())]))
    BatchJob.objects.update(created_at=timezone.now() - KEPT * 2)
    new = done(of_images(owner, image_set, [sample_files.upload(sample_files.photo())]))
    batch_runs.remove_abandoned()
    assert {name.split("/")[1] for name in stored()} == {str(new.pk)}
    old.refresh_from_db()
    assert not old.has_files
