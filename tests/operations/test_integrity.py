"""What the integrity check finds and repairs, with real rows and real files."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import Schedule

from soundscapes.generations import generations, transcoding
from soundscapes.images import images
from soundscapes.jobs import claims, heartbeat, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Generation, Image, State
from soundscapes.operations import integrity
from tests import factories, sample_files
from tests.operations.findings import AT_ONCE, OLD, found, repair
from tests.queue import waiting, wake_ups, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    """A beat that is due, and a folder in which nothing lies."""
    heartbeat.schedule()
    settings.DATA_DIR = tmp_path


@pytest.fixture
def image(owner):
    return images.upload_image(owner, sample_files.photo())


@pytest.fixture
def made(owner, image, sounds):
    """A finished soundscape with all that belongs to one, and a conversion."""
    generation = generations.create_generation(owner, image, duration=5)
    assert work_off() == []
    generation.refresh_from_db()
    transcoding.get_or_create_rendition(generation, "ogg")
    assert work_off() == []
    return generation


@pytest.mark.usefixtures("made")
def test_nothing_is_found_where_all_is_well(stored):
    before = stored()
    assert found() == {}
    repair()
    assert stored() == before


# Jobs


def test_what_a_dead_worker_held_is_queued_again():
    job = factories.GenerationFactory()
    Generation.objects.claim(job.pk, "another-host/1/1/1")
    Generation.objects.update(leased_until=timezone.now() - OLD)
    assert found()["Jobs whose worker is gone"] == [f"generation {job.pk}"]
    repair()
    assert waiting() == [(queue.TASK,)]
    assert found() == {}


def test_a_worker_is_woken_for_jobs_whose_wake_up_was_lost():
    factories.GenerationFactory()
    assert found() == {"Jobs that no worker was woken for": ["the queue"]}
    repair()
    assert wake_ups() == 1
    assert found() == {}


@pytest.mark.parametrize("broken", ["gone", "in the far future"])
def test_the_heartbeat_is_scheduled_again(broken):
    if broken == "gone":
        Schedule.objects.all().delete()
    else:
        Schedule.objects.update(next_run=timezone.now() + timedelta(days=1))
    assert list(found()) == ["A heartbeat that is not due"]
    repair()
    assert found() == {}
    assert Schedule.objects.get().func == "soundscapes.operations.maintenance.run"


def test_what_is_under_way_is_left_alone(owner, image, idle_process):
    """As the server runs: a job in a worker's hands, and one that waits."""
    under_way = generations.create_generation(owner, image, duration=5)
    generations.create_generation(owner, image, duration=5)
    Image.objects.update(state=State.READY)
    claim = claims.claim(kind_of(under_way), under_way)
    assert claim is not None
    assert found() == {}


def test_looking_costs_no_query_for_each_soundscape(queries_of):
    """It asks for batches, and only the storage for each file."""
    count = lambda: queries_of(lambda: list(integrity.examine(AT_ONCE)))  # noqa: E731
    factories.GenerationFactory.create_batch(2, ready=True)
    few = count()
    factories.GenerationFactory.create_batch(10, ready=True)
    assert count() == few
    assert Image.objects.count() == 12
