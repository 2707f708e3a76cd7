"""Claims of jobs, each in one UPDATE."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from soundscapes.kinds import KINDS
from soundscapes.models import Generation, State
from soundscapes.models.jobs import LEASE, MAX_ATTEMPTS
from tests import factories

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)


def aged(job, **fields):
    Generation.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def test_only_one_of_two_workers_claims_a_job(job):
    outcomes = [Generation.objects.claim(job.pk, worker) for worker in ("first", "second")]
    assert outcomes == [True, False]
    job.refresh_from_db()
    assert (job.claimed_by, job.attempts) == ("first", 1)
    assert Generation.objects.held(job.pk, "first").exists()
    assert not Generation.objects.held(job.pk, "second").exists()


def test_a_claim_lasts_as_long_as_its_lease(job):
    Generation.objects.claim(job.pk, "first")
    job.refresh_from_db()
    left = job.leased_until - timezone.now()
    assert LEASE - timedelta(seconds=10) < left <= LEASE
    assert not Generation.objects.lapsed().exists()

    aged(job, leased_until=timezone.now() - MOMENT)
    assert list(Generation.objects.lapsed()) == [job]
    assert Generation.objects.claim(job.pk, "second")
    job.refresh_from_db()
    assert (job.claimed_by, job.attempts) == ("second", 2)


@pytest.mark.parametrize("state", [State.READY, State.FAILED])
def test_an_ended_job_is_not_claimed(state):
    job = factories.GenerationFactory(ready=True)
    aged(job, state=state)
    assert not Generation.objects.claim(job.pk, "worker")
    assert not Generation.objects.claimable().exists()
    assert not Generation.objects.unfinished().exists()


def test_attempts_are_limited(job):
    for number in range(MAX_ATTEMPTS):
        assert not Generation.objects.exhausted().exists()
        assert Generation.objects.claim(job.pk, f"worker {number}")
        aged(job, leased_until=timezone.now() - MOMENT)
    assert not Generation.objects.claim(job.pk, "one more")
    assert list(Generation.objects.exhausted()) == [job]


def test_a_running_last_attempt_is_not_exhausted(job):
    aged(job, attempts=MAX_ATTEMPTS - 1)
    Generation.objects.claim(job.pk, "worker")
    assert not Generation.objects.exhausted().exists()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_unfinished_jobs_are_found_without_reading_finished_ones(kind, plan_of):
    """Workers, supervisors and probes query repeatedly, in tables that keep growing."""
    index = f"{kind.model.__name__.lower()}_unfinished"
    assert index in plan_of(kind.jobs.unfinished())
    if connection.vendor == "sqlite":  # PostgreSQL may start an empty join from either side
        assert index in plan_of(kind.jobs.claimable())
