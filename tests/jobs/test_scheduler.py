"""Order in which jobs are done."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ

from soundscapes.generations import generations, rendering
from soundscapes.images import images, matching
from soundscapes.jobs import queue, scheduler
from soundscapes.models import Generation, State, User
from soundscapes.models.jobs import MAX_ATTEMPTS
from tests import factories, sample_files
from tests.queue import wake_ups, work_off

pytestmark = pytest.mark.django_db


def pile_of(user, count):
    image = factories.ImageFactory(owner=user)
    return [
        generations.create_generation(user, image, duration=5, layer_count=1, seed=number)
        for number in range(count)
    ]


def order_of_finishing():
    finished = Generation.objects.finished().order_by("finished_at")
    return list(finished.values_list("owner__username", flat=True))


@pytest.mark.usefixtures("sounds")
def test_many_jobs_of_one_user_do_not_delay_another_user(owner, stranger):
    pile_of(owner, 4)
    pile_of(stranger, 2)
    assert work_off() == []
    assert order_of_finishing() == ["owner", "stranger", "owner", "stranger", "owner", "owner"]


def test_long_jobs_without_an_owner_take_turns_with_users(owner):
    nobody_s = factories.BatchJobFactory(
        created_by=None, state=State.QUEUED, queued_at=timezone.now()
    )
    pile_of(owner, 1)
    User.objects.update(served_at=timezone.now() - timedelta(hours=1))
    assert scheduler.next_jobs()[0].owner == owner
    User.objects.update(served_at=timezone.now())
    assert scheduler.next_jobs()[0] == nobody_s


@pytest.mark.usefixtures("sounds")
def test_a_user_s_jobs_run_in_order(owner):
    pile = pile_of(owner, 3)
    assert work_off() == []
    finished = Generation.objects.finished().order_by("finished_at")
    assert [job.pk for job in finished] == [job.pk for job in pile]


@pytest.mark.usefixtures("sounds")
def test_matching_precedes_a_user_s_other_jobs(owner):
    pile_of(owner, 2)
    image = images.upload_image(owner, sample_files.photo())
    matching.request_matching(image)
    assert {type(job) for job in scheduler.next_jobs()} == {type(image)}


def test_a_wake_up_without_waiting_jobs_does_nothing(owner):
    factories.GenerationFactory(owner=owner, ready=True)
    scheduler.work()
    owner.refresh_from_db()
    assert owner.served_at is None


@pytest.mark.usefixtures("sounds")
def test_one_wake_up_does_all_waiting_jobs(owner):
    pile_of(owner, 3)
    scheduler.work()
    assert Generation.objects.finished().count() == 3


@pytest.mark.usefixtures("sounds")
def test_a_worker_s_shift_ends_with_another_wake_up(owner, monkeypatch):
    monkeypatch.setattr(queue, "SHIFT", 0.0)
    pile_of(owner, 2)
    OrmQ.objects.all().delete()
    scheduler.work()
    assert wake_ups() == 1
    assert not Generation.objects.finished().exists()


def test_a_failure_is_logged_and_the_next_job_is_done(owner, caplog):
    """There is no category to choose from."""
    first, second = pile_of(owner, 2)
    scheduler.work()
    for job in (first, second):
        job.refresh_from_db()
        assert job.state == State.FAILED
        assert f"Job {job.pk} failed" in caplog.text
    assert "Traceback" not in caplog.text  # its words say what to do


@pytest.mark.usefixtures("sounds")
def test_a_soundscape_waits_for_the_matching_of_its_image(owner):
    generation = generations.create_generation(owner, factories.ImageFactory(owner=owner))
    assert scheduler.next_jobs() == [generation.image]
    assert not Generation.objects.claim(generation.pk, "worker")
    assert scheduler.run(generation.image)
    generation.refresh_from_db()
    assert (generation.state, generation.stage) == (State.MATCHING, matching.STAGE)
    assert scheduler.next_jobs() == [generation]
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


@pytest.mark.usefixtures("sounds")
def test_a_cancelled_matching_does_not_delay_soundscapes(owner):
    generation = generations.create_generation(owner, factories.ImageFactory(owner=owner))
    queue.cancel(generation.image)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


@pytest.mark.usefixtures("sounds")
def test_a_job_held_by_another_worker_is_skipped(owner):
    first, second = pile_of(owner, 2)
    later = timezone.now() + timedelta(seconds=30)
    Generation.objects.filter(pk=first.pk).update(
        state=State.RENDERING, claimed_by="host/1/1/x", leased_until=later
    )
    scheduler.work()
    second.refresh_from_db()
    assert second.state == State.READY
    assert scheduler.next_jobs() == []


@pytest.mark.usefixtures("sounds")
def test_a_job_that_kills_every_worker_fails_and_the_next_one_is_done(owner):
    killer, other = pile_of(owner, 2)
    Generation.objects.filter(pk=killer.pk).update(attempts=MAX_ATTEMPTS)
    scheduler.work()
    for job, state in ((killer, State.FAILED), (other, State.READY)):
        job.refresh_from_db()
        assert job.state == state


def test_scheduling_takes_the_same_queries_for_many_jobs(owner, stranger, queries_of):
    pile_of(owner, 1)
    one = queries_of(scheduler.next_jobs)
    pile_of(owner, 5)
    pile_of(stranger, 5)
    assert queries_of(scheduler.next_jobs) == one
    assert wake_ups() == 14  # three images have to be matched
    assert User.objects.filter(served_at=None).count() == 2


def test_a_job_that_times_out_ends_its_worker_and_wakes_others(owner, monkeypatch):
    pile_of(owner, 1)
    OrmQ.objects.all().delete()

    def hangs(_job):
        raise TimeoutException("180")

    monkeypatch.setattr(scheduler, "run", hangs)
    with pytest.raises(TimeoutException):
        scheduler.work()
    assert wake_ups() >= 1


@pytest.mark.usefixtures("sounds")
def test_only_quick_jobs_run_during_a_long_one(owner, stranger, monkeypatch):
    monkeypatch.setattr(scheduler, "HOST_TURN", 0.0)
    image = factories.ImageFactory(owner=owner)
    long, longer = (
        generations.create_generation(owner, image, duration=seconds, layer_count=1)
        for seconds in (200, 300)
    )
    assert scheduler.run(image)
    (quick,) = pile_of(stranger, 1)
    assert scheduler.run(long)
    for job in (long, longer, quick):
        job.refresh_from_db()
    assert long.state == State.READY
    assert longer.claimed_by == ""
    assert not longer.is_final
    assert quick.finished_at < long.finished_at


def test_a_failing_guest_does_not_harm_its_host(owner, stranger, sounds, monkeypatch, caplog):
    monkeypatch.setattr(scheduler, "HOST_TURN", 0.0)
    (long,) = pile_of(owner, 1)
    assert work_off() == []
    Generation.objects.update(duration=200)
    long.refresh_from_db()
    long.state = State.FAILED
    long.save()
    queue.retry(long)
    (quick,) = pile_of(stranger, 1)
    assert scheduler.run(quick.image)
    render, calls = rendering.render, []

    def fails_for_the_guest(plan, *arguments, **options):
        calls.append(plan.duration)
        if plan.duration < 10:
            raise TimeoutException("90")
        return render(plan, *arguments, **options)

    monkeypatch.setattr(rendering, "render", fails_for_the_guest)
    assert scheduler.run(long)
    for job in (long, quick):
        job.refresh_from_db()
    assert (long.state, quick.state) == (State.READY, State.FAILED)
    assert f"Job {quick.pk} failed" in caplog.text
