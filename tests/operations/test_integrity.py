"""Findings and repairs of the integrity check, with real rows and files."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from soundscapes.generations import generations
from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Generation, Image, State
from soundscapes.operations import integrity
from tests import factories
from tests.operations.findings import AT_ONCE, OLD, found, repair
from tests.queue import waiting, wake_ups

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("heartbeat_scheduled")]


@pytest.mark.usefixtures("made")
def test_a_consistent_installation_has_no_findings(stored):
    before = stored()
    assert found() == {}
    repair()
    assert stored() == before


# Jobs


def test_the_job_of_a_dead_worker_is_queued_again():
    job = factories.GenerationFactory()
    Generation.objects.claim(job.pk, "another-host/1/1/1")
    Generation.objects.update(leased_until=timezone.now() - OLD)
    assert found()["Jobs of dead workers"] == [f"generation {job.pk}"]
    repair()
    assert waiting() == [(queue.TASK,)]
    assert found() == {}


def test_lost_wake_ups_are_replaced():
    factories.GenerationFactory()
    assert found() == {"Jobs without a wake-up": ["the queue"]}
    repair()
    assert wake_ups() == 1
    assert found() == {}


@pytest.mark.parametrize("broken", ["gone", "in the far future"])
def test_the_heartbeat_is_scheduled_again(broken):
    if broken == "gone":
        Schedule.objects.all().delete()
    else:
        Schedule.objects.update(next_run=timezone.now() + timedelta(days=1))
    assert list(found()) == ["Heartbeat that is not due soon"]
    repair()
    assert found() == {}
    assert Schedule.objects.get().func == "soundscapes.operations.maintenance.run"


def test_jobs_in_progress_are_left_alone(owner, image, idle_process):
    """A job that a worker holds, and one that waits, as while the server runs."""
    under_way = generations.create_generation(owner, image, duration=5)
    generations.create_generation(owner, image, duration=5)
    Image.objects.update(state=State.READY)
    claim = claims.claim(kind_of(under_way), under_way)
    assert claim is not None
    assert found() == {}


def test_the_check_takes_no_query_per_soundscape(queries_of):
    """It reads batches of rows, and asks only the storage for each file."""
    count = lambda: queries_of(lambda: list(integrity.examine(AT_ONCE)))  # noqa: E731
    factories.GenerationFactory.create_batch(2, ready=True)
    few = count()
    factories.GenerationFactory.create_batch(10, ready=True)
    assert count() == few
    assert Image.objects.count() == 12
