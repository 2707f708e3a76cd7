"""Queueing, cancelling and recovering jobs."""

import os
import socket
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event

import psutil
import pytest
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ

from soundscapes.generations import generations
from soundscapes.images import images, matching
from soundscapes.jobs import claims, queue
from soundscapes.jobs.kinds import kind_of
from soundscapes.models import Generation, Image, Rendition, State
from soundscapes.models.jobs import LEASE, MAX_ATTEMPTS
from soundscapes.operations import maintenance
from tests import factories, sample_files
from tests.connections import at_once, parallel, raised
from tests.queue import waiting, wake_ups, work_off

pytestmark = pytest.mark.django_db
LONG_AGO = timedelta(days=1)


def held(job) -> claims.Claim:
    claim = claims.claim(kind_of(job), job)
    assert claim is not None
    return claim


def test_enqueuing_rolls_back_with_its_transaction(owner):
    image = factories.ImageFactory(owner=owner)
    with transaction.atomic():
        generations.create_generation(owner, image)
        assert wake_ups() == 2  # for the matching, and for the soundscape that waits for it
        transaction.set_rollback(True)
    assert waiting() == []
    assert not Generation.objects.exists()
    assert Image.objects.get().state == State.NEW


def test_an_unfinished_job_is_not_queued_twice(job):
    assert not queue.enqueue(job)
    claim = held(job)
    assert not queue.enqueue(job)
    assert waiting() == []
    claim.fail("No.")
    job.refresh_from_db()
    assert queue.enqueue(job)
    assert wake_ups() == 1


def test_a_job_that_ended_since_it_was_read_is_not_queued_again():
    job = factories.RenditionFactory(state=State.NEW, file="")
    Rendition.objects.update(state=State.READY, file="a.ogg")
    assert not queue.enqueue(job)
    assert Rendition.objects.get().state == State.READY


def test_a_job_is_cancelled_once_with_a_message(job):
    claim = held(job)
    queue.cancel(job)
    assert (job.state, job.error) == (State.CANCELLED, kind_of(job).cancelled)
    with pytest.raises(claims.LostClaimError):
        claim.report(State.RENDERING, "Mixing", 50)
    with pytest.raises(queue.WrongStateError, match="already ended"):
        queue.cancel(job)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_failed_and_cancelled_jobs_restart_from_the_beginning(job, state):
    Generation.objects.update(state=state, error="No.", attempts=3, progress=50)
    job.refresh_from_db()
    queue.retry(job)
    assert (job.state, job.error, job.attempts, job.progress) == (State.QUEUED, "", 0, 0)
    assert wake_ups() == 1


def test_an_outdated_page_does_not_retry_a_finished_job():
    job = factories.GenerationFactory(state=State.FAILED)
    Generation.objects.update(state=State.READY, audio="audio/x.wav")
    with pytest.raises(queue.WrongStateError):
        queue.retry(job)
    job.refresh_from_db()
    assert job.state == State.READY


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
    assert queue.recover() == 1
    assert waiting() == [(queue.TASK,)]
    job.refresh_from_db()
    assert (job.claimed_by, job.leased_until, job.attempts) == ("", None, 1)
    assert Generation.objects.claim(job.pk, "next")


def assert_left_alone(job) -> None:
    before = Generation.objects.filter(pk=job.pk).values().get()
    assert queue.recover() == 0
    assert waiting() == []
    assert Generation.objects.filter(pk=job.pk).values().get() == before


def test_the_job_of_a_dead_local_worker_is_requeued(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    idle_process.wait()
    assert_released(job)


def test_a_zombie_worker_is_dead(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    os.waitid(os.P_PID, idle_process.pid, os.WEXITED | os.WNOWAIT)  # dead but still listed
    assert_released(job)


def test_a_process_that_reuses_the_pid_is_not_the_worker(job):
    host, pid, started, claim = name_of(os.getpid()).split("/")
    held_by(job, f"{host}/{pid}/{float(started) - 1000:.2f}/{claim}")
    assert_released(job)


def test_the_job_of_a_living_worker_is_left_alone(job, idle_process):
    held_by(job, name_of(idle_process.pid))
    assert_left_alone(job)


def test_a_remote_worker_keeps_its_job_until_the_lease_expires(job):
    elsewhere = "another-host/1/1600000000/0123abcd"
    held_by(job, elsewhere)
    assert_left_alone(job)
    Generation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert_released(job)


def test_a_lost_wake_up_is_replaced_once(job):
    """Its wake-up was lost with the cluster that received it."""
    assert queue.recover() == 0
    assert waiting() == [(queue.TASK,)]
    queue.recover()
    assert wake_ups() == 1


def test_no_wake_up_is_sent_without_waiting_jobs(owner):
    factories.ImageFactory(of_set=True)  # matched when it is drawn
    factories.GenerationFactory(ready=True, queued_at=timezone.now() - LONG_AGO)
    factories.GenerationFactory(state=State.FAILED, queued_at=timezone.now() - LONG_AGO)
    assert queue.recover() == 0
    assert waiting() == []


@pytest.mark.usefixtures("sounds")
def test_an_interrupted_soundscape_is_finished_once(owner, idle_process):
    image = images.upload_image(owner, sample_files.photo())
    job = generations.create_generation(owner, image, duration=5)
    matching.rank_image(image)
    OrmQ.objects.all().delete()  # received and lost by the worker
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    idle_process.wait()
    maintenance.run()
    assert work_off() == []
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.READY, 2)


def test_a_released_job_keeps_its_attempts(job):
    """Otherwise a job that kills its workers would be retried forever."""
    Generation.objects.update(attempts=2)
    held_by(job, "another-host/1/1/1", lease=-timedelta(seconds=1))
    assert queue.recover() == 1
    job.refresh_from_db()
    assert job.attempts == 3


def test_an_orphan_that_changed_since_it_was_read_is_left_alone(job):
    held_by(job, "another-host/1/1/1", lease=-timedelta(seconds=1))
    (seen,) = queue.orphans()
    claim = held(job)
    assert queue.release(seen) == 0
    claim.report(State.RENDERING, "Mixing", 50)
    assert waiting() == []


# Clock changes


def test_a_future_lease_is_shortened_to_a_new_one(job):
    held_by(job, "another-host/1/1/1", lease=timedelta(hours=1))
    assert queue.recover() == 0
    job.refresh_from_db()
    assert job.leased_until <= timezone.now() + LEASE
    Generation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert_released(job)


def test_a_job_queued_in_the_future_waits_no_longer(job):
    Generation.objects.update(queued_at=timezone.now() + timedelta(hours=1))
    assert queue.recover() == 0
    job.refresh_from_db()
    assert job.queued_at <= timezone.now()


def test_a_future_wake_up_is_not_waited_for(job):
    queue.wake_up()
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    queue.recover()
    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1


def test_a_worker_s_name_does_not_depend_on_the_clock(monkeypatch, idle_process, job):
    """A change of the clock changes the apparent start times of processes."""
    held_by(job, name_of(idle_process.pid))
    created, booted = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) - 3600)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() - 3600)
    assert_left_alone(job)


@parallel
@pytest.mark.parametrize("_round", range(5))
def test_one_of_several_concurrent_retries_counts(_round):
    job = factories.GenerationFactory(state=State.FAILED)

    def retry():
        mine = Generation.objects.get(pk=job.pk)
        mine.state = State.FAILED  # as on the outdated page
        queue.retry(mine)
        claim = claims.claim(kind_of(mine), mine)
        claim.finish(audio="audio/x.wav")

    results = at_once(*[retry] * 6)
    assert raised(results, queue.WrongStateError) == 5
    job.refresh_from_db()
    assert (job.state, job.attempts, job.audio.name) == (State.READY, 1, "audio/x.wav")


@parallel
def test_a_retry_waits_until_the_files_of_dead_attempts_are_deleted(monkeypatch):
    job = factories.GenerationFactory(attempts=MAX_ATTEMPTS)
    discarding, discarded = Event(), Event()
    order = []

    def discard(_job):
        discarding.set()
        discarded.wait(0.5)
        order.append("discarded")

    def retry():
        discarding.wait(60)
        mine = Generation.objects.get(pk=job.pk)
        mine.state = State.FAILED
        while not order or order[-1] != "queued again":
            with suppress(queue.WrongStateError):
                queue.retry(mine)
                order.append("queued again")

    kind = replace(kind_of(job), discard=discard)
    assert raised(at_once(lambda: claims.claim(kind, job), retry), queue.WrongStateError) == 0
    assert order == ["discarded", "queued again"]
