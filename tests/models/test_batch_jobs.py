"""Labels of batch jobs, and their abandoned files."""

import pytest
from django.utils import timezone

from soundscapes.models import BatchJob, State
from soundscapes.models.batch_jobs import KEPT, Outcome
from tests import factories

pytestmark = pytest.mark.django_db


def test_only_files_of_long_ended_jobs_are_abandoned():
    old, _without_files, under_way, _new = rows = [
        factories.BatchJobFactory(has_files=has_files, state=state)
        for has_files, state in (
            *((True, State.READY), (False, State.READY)),
            *((True, State.QUEUED), (True, State.READY)),
        )
    ]
    long_ago = timezone.now() - KEPT * 2
    BatchJob.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(created_at=long_ago)
    assert list(BatchJob.objects.abandoned()) == [old]
    assert under_way in BatchJob.objects.with_files()


def test_outcomes_are_counted_in_a_fixed_order():
    rows = [{"outcome": outcome} for outcome in (Outcome.REFUSED, Outcome.NEW, Outcome.NEW)]
    counts = factories.BatchJobFactory(rows=rows).counts
    assert list(counts.items()) == [(Outcome.NEW.label, 2), (Outcome.REFUSED.label, 1)]


def test_a_queued_job_held_by_a_worker_is_in_progress():
    batch_job = factories.BatchJobFactory(state=State.QUEUED)
    assert batch_job.standing == "Waiting"
    BatchJob.objects.claim(batch_job.pk, "worker")
    batch_job.refresh_from_db()
    assert batch_job.standing == "In progress"
    assert str(batch_job).endswith("(dry run)")
