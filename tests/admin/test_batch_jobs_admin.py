"""Batch jobs in the admin: reports and steps."""

import pytest
from django.contrib.admin.models import LogEntry

from soundscapes.models import State
from soundscapes.models.batch_jobs import Outcome, Row
from tests import factories, sample_files
from tests.admin.forms import done, page, report, send_images
from tests.queue import work_off

pytestmark = pytest.mark.django_db


# Images


def test_a_dry_run_without_new_files_offers_no_import(browser, image_set):
    batch_job = done(report(send_images(browser, image_set, sample_files.upload(b"Dear all"))))
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert "nothing new to import" in shown


@pytest.mark.parametrize("outcome", Outcome)
def test_outcomes_have_labels(browser, outcome):
    batch_job = factories.BatchJobFactory(rows=[Row("photo.jpg", outcome).to_json()])
    shown = browser.get(page("soundscapes_batchjob_change", batch_job.pk)).text
    assert f'<span class="state {outcome}">{outcome.label}</span>' in shown


# Progress and steps


def test_progress_is_a_fragment_of_the_page(browser, image_set):
    batch_job = report(send_images(browser, image_set, sample_files.upload(sample_files.photo())))
    part = browser.get(page("batch_job_progress", batch_job.pk)).text
    assert 'data-state="active"' in part
    assert "<html" not in part
    done(batch_job)
    assert 'data-state="final"' in browser.get(page("batch_job_progress", batch_job.pk)).text


def test_a_cancelled_batch_job_can_be_resumed(browser, image_set):
    batch_job = report(send_images(browser, image_set, sample_files.upload(sample_files.photo())))
    browser.post(page("batch_job_step", batch_job.pk, "cancel"))
    work_off()
    batch_job.refresh_from_db()
    assert batch_job.state == State.CANCELLED
    again = browser.post(page("batch_job_step", batch_job.pk, "cancel"), follow=True)
    assert "Nothing was done" in again.text
    browser.post(page("batch_job_step", batch_job.pk, "retry"))
    assert done(batch_job).state == State.READY
    assert LogEntry.objects.filter(object_id=str(batch_job.pk)).count() == 3


def test_steps_require_post_and_a_known_name(browser, image_set):
    batch_job = factories.BatchJobFactory()
    assert browser.get(page("batch_job_step", batch_job.pk, "confirm")).status_code == 405
    answer = browser.post(page("batch_job_step", batch_job.pk, "explode"), follow=True)
    assert "Nothing was done" in answer.text
