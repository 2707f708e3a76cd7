"""Claim, report, finish; and what becomes of jobs whose worker is gone."""

import errno
import math
import os
import socket
from datetime import timedelta

import psutil
import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_q.brokers import get_broker
from django_q.exceptions import TimeoutException
from django_q.models import OrmQ, Schedule

from soundscapes.engine.errors import EngineError
from soundscapes.jobs import queue, tasks
from soundscapes.mixes import generations
from soundscapes.models import Generation, Heartbeat, State
from soundscapes.models.jobs import LEASE, MAX_ATTEMPTS, STRANDED_AFTER
from soundscapes.pictures import images
from tests import factories
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1)


@pytest.fixture
def job():
    return factories.GenerationFactory()


def held(job) -> queue.Claim:
    claim = queue.claim(Generation.objects.all(), str(job.pk))
    assert claim is not None
    return claim


def take_over(job) -> None:
    """Another worker has the job by now."""
    Generation.objects.filter(pk=job.pk).update(claimed_by="another", stage="Theirs", progress=55)


def test_a_claim_is_reported_on_and_finished(job):
    claim = held(job)
    claim.report(State.RENDERING, "Mixing", 50)
    job.refresh_from_db()
    assert (job.state, job.stage, job.progress) == (State.RENDERING, "Mixing", 50)
    assert not job.is_final

    claim.finish(audio="audio/x.wav")
    job.refresh_from_db()
    assert (job.state, job.progress, job.audio.name) == (State.READY, 100, "audio/x.wav")
    assert (job.claimed_by, job.leased_until) == ("", None)
    assert job.started_at <= job.finished_at
    assert queue.claim(Generation.objects.all(), str(job.pk)) is None


def test_a_report_renews_the_lease(job):
    claim = held(job)
    Generation.objects.update(leased_until=timezone.now())
    claim.report(State.RENDERING, "Mixing", 50)
    job.refresh_from_db()
    assert job.leased_until > timezone.now() + LEASE / 2


def test_reports_in_quick_succession_cost_one_write(job, django_assert_num_queries):
    claim = held(job)
    with django_assert_num_queries(1):
        for percent in range(50):
            claim.report(State.RENDERING, "Mixing", percent)


@pytest.mark.parametrize(
    "write",
    [
        lambda claim: claim.report(State.RENDERING, "Mine", 99),
        lambda claim: claim.finish(audio="mine.wav"),
        lambda claim: claim.fail("Mine"),
    ],
    ids=["report", "finish", "fail"],
)
def test_nothing_is_written_once_somebody_else_has_the_job(job, write):
    claim = held(job)
    take_over(job)
    before = Generation.objects.filter(pk=job.pk).values().get()
    with pytest.raises(queue.LostClaimError):
        write(claim)
    assert Generation.objects.filter(pk=job.pk).values().get() == before


def test_losing_a_claim_is_no_failure_whatever_came_of_it(job):
    claim = held(job)
    take_over(job)
    with queue.failing_in_words(claim):
        raise EngineError("Too late to matter.")
    job.refresh_from_db()
    assert (job.stage, job.error) == ("Theirs", "")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (EngineError("There is no sound. Enable one."), "There is no sound. Enable one."),
        (OSError(errno.ENOSPC, "No space left on device"), "disk is full"),
        (TimeoutException("180"), "took too long"),
        (FileNotFoundError(errno.ENOENT, "gone"), "Upload the picture again"),
        (ZeroDivisionError("division by zero"), "Something went wrong on the server"),
    ],
    ids=["engine", "full disk", "timeout", "missing file", "unknown"],
)
def test_a_failure_is_written_in_words_before_it_is_raised(job, error, words):
    with pytest.raises(type(error)), queue.failing_in_words(held(job)):
        raise error
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert words in job.error
    assert job.error.endswith(".")
    assert "division by zero" not in job.error
    assert (job.claimed_by, job.leased_until) == ("", None)
    assert job.finished_at is not None


def test_a_job_that_killed_its_worker_every_time_fails_with_a_sentence(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS, leased_until=timezone.now() - LONG_AGO)
    tasks.make_generation(str(job.pk))
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "The worker died" in job.error


def test_the_last_attempt_is_not_failed_by_a_second_delivery(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    held(job)
    tasks.make_generation(str(job.pk))
    job.refresh_from_db()
    assert job.state == State.QUEUED


@pytest.mark.parametrize("task", [tasks.make_generation, tasks.match_image])
def test_a_task_whose_row_is_gone_is_no_error(task):
    task("00000000-0000-4000-8000-000000000000")


def test_asking_for_work_rolls_back_with_its_transaction(owner):
    image = factories.ImageFactory(owner=owner)

    with transaction.atomic():
        generations.create_generation(owner, image)
        images.request_matching(image.owner, image)
        assert len(waiting()) == 2
        transaction.set_rollback(True)
    assert waiting() == []
    assert not Generation.objects.exists()


# Orphans


def name_of(pid: int) -> str:
    started = psutil.Process(pid).create_time() - psutil.boot_time()
    return f"{socket.gethostname()}/{pid}/{started:.2f}/0123abcd"


def held_by(job, worker: str, lease=LEASE) -> None:
    assert Generation.objects.claim(job.pk, worker)
    Generation.objects.filter(pk=job.pk).update(
        leased_until=timezone.now() + lease, state=State.RENDERING
    )


def assert_released(job) -> None:
    assert queue.release_orphans() == 1
    assert waiting() == [("soundscapes.jobs.tasks.make_generation", str(job.pk))]
    job.refresh_from_db()
    assert (job.claimed_by, job.leased_until, job.attempts) == ("", None, 1)
    assert Generation.objects.claim(job.pk, "next")


def assert_left_alone(job) -> None:
    before = Generation.objects.filter(pk=job.pk).values().get()
    assert queue.release_orphans() == 0
    assert waiting() == []
    assert Generation.objects.filter(pk=job.pk).values().get() == before


def test_what_a_dead_worker_of_this_machine_held_is_queued_again(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    idle_process.wait()
    assert_released(job)


def test_a_killed_worker_that_nobody_has_buried_is_dead_too(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    os.waitid(os.P_PID, idle_process.pid, os.WEXITED | os.WNOWAIT)  # dead, and still listed
    assert_released(job)


def test_a_later_process_with_the_same_number_is_not_the_worker(job):
    host, pid, started, claim = name_of(os.getpid()).split("/")
    held_by(job, f"{host}/{pid}/{float(started) - 1000:.2f}/{claim}")
    assert_released(job)


def test_what_a_living_worker_holds_is_left_alone(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    assert_left_alone(job)


def test_a_worker_of_another_machine_is_trusted_until_its_lease_ends(job):
    elsewhere = "another-host/1/1600000000/0123abcd"
    held_by(job, elsewhere)
    assert_left_alone(job)
    Generation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert_released(job)


def test_what_no_worker_ever_took_is_queued_again_when_the_queue_is_empty(job):
    Generation.objects.update(queued_at=timezone.now() - 2 * STRANDED_AFTER)
    assert queue.release_orphans() == 1
    assert waiting() == [("soundscapes.jobs.tasks.make_generation", str(job.pk))]
    assert queue.release_orphans() == 0


def test_what_waits_behind_others_is_not_stranded(owner):
    waiting_long = generations.create_generation(owner, factories.ImageFactory(owner=owner))
    Generation.objects.update(queued_at=timezone.now() - 2 * STRANDED_AFTER)
    assert queue.release_orphans() == 0
    assert waiting() == [("soundscapes.jobs.tasks.make_generation", str(waiting_long.pk))]


def test_a_picture_whose_matching_was_lost_is_queued_again_and_a_new_one_is_not(owner):
    factories.ImageFactory(of_set=True)  # matched when somebody draws it
    long_ago = timezone.now() - 2 * STRANDED_AFTER
    image = factories.ImageFactory(owner=owner, state=State.QUEUED, queued_at=long_ago)
    assert queue.release_orphans() == 1
    assert waiting() == [("soundscapes.jobs.tasks.match_image", str(image.pk))]


def test_what_is_over_is_never_an_orphan():
    factories.GenerationFactory(ready=True, queued_at=timezone.now() - LONG_AGO)
    factories.GenerationFactory(state=State.FAILED, queued_at=timezone.now() - LONG_AGO)
    assert queue.release_orphans() == 0


@pytest.mark.usefixtures("sounds")
def test_an_interrupted_soundscape_ends_ready_once(owner, idle_process):
    image = images.upload_image(owner, factories.sample_files.photo())
    job = generations.create_generation(owner, image, duration=5)
    OrmQ.objects.all().delete()  # taken, and lost with the worker
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    idle_process.wait()
    tasks.beat()
    assert work_off() == []
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.READY, 2)


def test_every_beat_and_every_job_is_a_sign_of_life(job):
    assert Heartbeat.objects.latest_beat() is None
    tasks.beat()
    first = Heartbeat.objects.latest_beat()
    with pytest.raises(EngineError), queue.failing_in_words(held(job)):
        raise EngineError("No.")
    assert Heartbeat.objects.latest_beat() > first
    assert Heartbeat.objects.count() == 1


def test_silence_is_counted_from_the_last_sign_which_long_work_gives_too(job, monkeypatch):
    assert queue.silence() == math.inf
    claim = queue.claim(Generation.objects.all(), str(job.pk))
    claim.report(State.MATCHING, "Looking", 5)
    assert queue.silence() == math.inf
    minutes_ago = timezone.now() - timedelta(minutes=5)
    factories.HeartbeatFactory(beat_at=minutes_ago, host="another-machine")
    assert queue.silence() == pytest.approx(timedelta(minutes=5).total_seconds(), abs=5)
    later = queue.monotonic() + 11
    monkeypatch.setattr(queue, "monotonic", lambda: later)
    claim.report(State.MATCHING, "Looking", 6)
    assert queue.silence() < 5


def test_a_cluster_that_is_asked_for_a_sign_gives_one():
    queue.ask_this_host()
    assert work_off() == []
    assert Heartbeat.objects.beat_of_this_host() > timezone.now() - timedelta(seconds=5)


def test_machines_that_are_gone_are_forgotten_with_what_they_were_asked(monkeypatch):
    gone = timezone.now() - timedelta(days=2)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(socket, "gethostname", lambda: "gone")
        queue.ask_this_host()
    OrmQ.objects.update(lock=gone)
    factories.HeartbeatFactory(beat_at=gone, host="gone")
    queue.ask_this_host()
    tasks.beat()
    assert waiting() == [("soundscapes.jobs.tasks.give_sign",)]
    assert [beat.host for beat in Heartbeat.objects.all()] == [socket.gethostname()]


def test_what_waits_and_was_tried_keeps_its_count(job):
    """Else work that kills its workers would be tried for ever, were its message lost each time."""
    Generation.objects.update(attempts=2, queued_at=timezone.now() - 2 * STRANDED_AFTER)
    assert queue.release_orphans() == 1
    job.refresh_from_db()
    assert job.attempts == 2


def test_an_orphan_that_has_moved_on_since_it_was_seen_is_left_alone(job):
    Generation.objects.update(queued_at=timezone.now() - 2 * STRANDED_AFTER)
    (seen,) = queue.orphans()
    claim = held(job)
    assert queue.release(seen) == 0
    claim.report(State.RENDERING, "Mixing", 50)
    assert waiting() == []


# A clock that is set


def test_a_lease_from_the_future_lasts_no_longer_than_a_new_one(job):
    held_by(job, "another-host/1/1/1", lease=timedelta(hours=1))
    assert queue.release_orphans() == 0
    job.refresh_from_db()
    assert job.leased_until <= timezone.now() + LEASE
    Generation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert_released(job)


def test_what_was_queued_in_the_future_waits_no_longer_than_others(job):
    Generation.objects.update(queued_at=timezone.now() + timedelta(hours=1))
    assert queue.release_orphans() == 0
    job.refresh_from_db()
    assert job.queued_at <= timezone.now()


def test_a_message_from_the_future_is_delivered_now(job):
    queue.enqueue(job)
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    assert get_broker().queue_size() == 0
    queue.release_orphans()
    assert get_broker().queue_size() == 1


def test_a_beat_that_is_due_in_the_future_is_due_now():
    queue.schedule_heartbeat()
    Schedule.objects.update(next_run=timezone.now() + timedelta(hours=1))
    queue.release_orphans()
    assert Schedule.objects.get().next_run <= timezone.now()


def test_a_worker_s_name_counts_from_the_machine_s_start(monkeypatch, idle_process, job):
    """Whoever sets the clock changes when everything seems to have started."""
    held_by(job, name_of(idle_process.pid))
    created, booted = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) - 3600)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() - 3600)
    assert_left_alone(job)


# A database that goes away


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_a_job_that_the_database_let_down_is_queued_again_and_is_no_failure(job):
    with queue.failing_in_words(held(job)):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert (job.state, job.claimed_by, job.attempts) == (State.QUEUED, "", 1)
    assert waiting() == [("soundscapes.jobs.tasks.make_generation", str(job.pk))]


@pytest.mark.django_db(transaction=True)
def test_a_worker_waits_for_a_database_that_is_away(job, monkeypatch):
    monkeypatch.setattr(queue, "OUTAGE_POLL", 0.01)
    claim, refusals = held(job), iter([True] * 5)

    def away(execute, *args):
        if next(refusals, False):
            raise OperationalError("connection refused")
        return execute(*args)

    with connection.execute_wrapper(away), queue.failing_in_words(claim):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert len(waiting()) == 1


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_away_is_not_waited_for_for_ever(job, monkeypatch):
    monkeypatch.setattr(queue, "OUTAGE", 0.05)
    monkeypatch.setattr(queue, "OUTAGE_POLL", 0.01)
    claim = held(job)

    def away(*_args):
        raise OperationalError("connection refused")

    with (
        connection.execute_wrapper(away),
        pytest.raises(OperationalError),
        queue.failing_in_words(claim),
    ):
        raise OperationalError("server closed the connection unexpectedly")
    job.refresh_from_db()
    assert job.claimed_by == claim.worker  # until its lease ends


@pytest.mark.django_db(transaction=True)  # the connection is closed in between
def test_a_job_that_the_database_lets_down_every_time_fails_in_words(job):
    Generation.objects.update(attempts=MAX_ATTEMPTS - 1)
    with pytest.raises(OperationalError), queue.failing_in_words(held(job)):
        raise OperationalError("database is locked")
    job.refresh_from_db()
    assert job.state == State.FAILED
    assert "database does not answer" in job.error
