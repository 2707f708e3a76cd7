"""Asking for work, ending it, and what becomes of jobs whose worker is gone."""

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
from soundscapes.images import images
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


@pytest.fixture
def job():
    return factories.GenerationFactory()


def held(job) -> claims.Claim:
    claim = claims.claim(kind_of(job), job)
    assert claim is not None
    return claim


def test_asking_for_work_rolls_back_with_its_transaction(owner):
    image = factories.ImageFactory(owner=owner)
    with transaction.atomic():
        generations.create_generation(owner, image)
        assert wake_ups() == 2  # for the matching, and for what waits for it
        transaction.set_rollback(True)
    assert waiting() == []
    assert not Generation.objects.exists()
    assert Image.objects.get().state == State.NEW


def test_what_waits_or_is_under_way_is_not_asked_for_twice(job):
    assert not queue.enqueue(job)
    claim = held(job)
    assert not queue.enqueue(job)
    assert waiting() == []
    claim.fail("No.")
    job.refresh_from_db()
    assert queue.enqueue(job)
    assert wake_ups() == 1


def test_what_has_ended_since_it_was_read_is_not_done_a_second_time():
    job = factories.RenditionFactory(state=State.NEW, file="")
    Rendition.objects.update(state=State.READY, file="a.ogg")
    assert not queue.enqueue(job)
    assert Rendition.objects.get().state == State.READY


def test_a_job_is_cancelled_once_and_in_words(job):
    claim = held(job)
    queue.cancel(job)
    assert (job.state, job.error) == (State.CANCELLED, kind_of(job).cancelled)
    with pytest.raises(claims.LostClaimError):
        claim.report(State.RENDERING, "Mixing", 50)
    with pytest.raises(queue.WrongStateError, match="nothing to cancel"):
        queue.cancel(job)


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_what_failed_or_was_cancelled_is_retried_from_the_start(job, state):
    Generation.objects.update(state=state, error="No.", attempts=3, progress=50)
    job.refresh_from_db()
    queue.retry(job)
    assert (job.state, job.error, job.attempts, job.progress) == (State.QUEUED, "", 0, 0)
    assert wake_ups() == 1


def test_a_page_that_is_out_of_date_retries_nothing_that_is_ready():
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


def test_a_worker_is_woken_for_what_waits_unheard_and_once(job):
    """Its wake-up was lost with the cluster that took it."""
    assert queue.recover() == 0
    assert waiting() == [(queue.TASK,)]
    queue.recover()
    assert wake_ups() == 1


def test_nobody_is_woken_where_nothing_waits(owner):
    factories.ImageFactory(of_set=True)  # matched when somebody draws it
    factories.GenerationFactory(ready=True, queued_at=timezone.now() - LONG_AGO)
    factories.GenerationFactory(state=State.FAILED, queued_at=timezone.now() - LONG_AGO)
    assert queue.recover() == 0
    assert waiting() == []


@pytest.mark.usefixtures("sounds")
def test_an_interrupted_soundscape_ends_ready_once(owner, idle_process):
    image = images.upload_image(owner, sample_files.photo())
    job = generations.create_generation(owner, image, duration=5)
    images.matching.rank_image(image)
    OrmQ.objects.all().delete()  # taken, and lost with the worker
    held_by(job, name_of(idle_process.pid))
    idle_process.kill()
    idle_process.wait()
    maintenance.run()
    assert work_off() == []
    job.refresh_from_db()
    assert (job.state, job.attempts) == (State.READY, 2)


def test_what_is_released_keeps_its_count_of_attempts(job):
    """Else work that kills its workers would be tried for ever."""
    Generation.objects.update(attempts=2)
    held_by(job, "another-host/1/1/1", lease=-timedelta(seconds=1))
    assert queue.recover() == 1
    job.refresh_from_db()
    assert job.attempts == 3


def test_an_orphan_that_has_moved_on_since_it_was_seen_is_left_alone(job):
    held_by(job, "another-host/1/1/1", lease=-timedelta(seconds=1))
    (seen,) = queue.orphans()
    claim = held(job)
    assert queue.release(seen) == 0
    claim.report(State.RENDERING, "Mixing", 50)
    assert waiting() == []


# A clock that is set


def test_a_lease_from_the_future_lasts_no_longer_than_a_new_one(job):
    held_by(job, "another-host/1/1/1", lease=timedelta(hours=1))
    assert queue.recover() == 0
    job.refresh_from_db()
    assert job.leased_until <= timezone.now() + LEASE
    Generation.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert_released(job)


def test_what_was_queued_in_the_future_waits_no_longer_than_others(job):
    Generation.objects.update(queued_at=timezone.now() + timedelta(hours=1))
    assert queue.recover() == 0
    job.refresh_from_db()
    assert job.queued_at <= timezone.now()


def test_a_wake_up_from_the_future_is_not_waited_for(job):
    queue.wake_up()
    OrmQ.objects.update(lock=timezone.now() + timedelta(hours=1))
    queue.recover()
    assert OrmQ.objects.filter(lock__lte=timezone.now()).count() == 1


def test_a_worker_s_name_counts_from_the_machine_s_start(monkeypatch, idle_process, job):
    """Whoever sets the clock changes when everything seems to have started."""
    held_by(job, name_of(idle_process.pid))
    created, booted = psutil.Process.create_time, psutil.boot_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda process: created(process) - 3600)
    monkeypatch.setattr(psutil, "boot_time", lambda: booted() - 3600)
    assert_left_alone(job)


@parallel
@pytest.mark.parametrize("_round", range(5))
def test_of_retries_at_once_one_counts_and_none_undoes_what_is_finished(_round):
    job = factories.GenerationFactory(state=State.FAILED)

    def retry():
        mine = Generation.objects.get(pk=job.pk)
        mine.state = State.FAILED  # as it was on the page
        queue.retry(mine)
        claim = claims.claim(kind_of(mine), mine)
        claim.finish(audio="audio/x.wav")

    results = at_once(*[retry] * 6)
    assert raised(results, queue.WrongStateError) == 5
    job.refresh_from_db()
    assert (job.state, job.attempts, job.audio.name) == (State.READY, 1, "audio/x.wav")


@parallel
def test_a_retry_waits_until_the_files_of_dead_attempts_are_gone(monkeypatch):
    job = factories.GenerationFactory(attempts=MAX_ATTEMPTS)
    discarding, discarded = Event(), Event()
    order = []

    def discard(_job):
        discarding.set()
        discarded.wait(0.5)
        order.append("discarded")

    def retry():
        discarding.wait(10)
        mine = Generation.objects.get(pk=job.pk)
        mine.state = State.FAILED
        while not order or order[-1] != "queued again":
            with suppress(queue.WrongStateError):
                queue.retry(mine)
                order.append("queued again")

    kind = replace(kind_of(job), discard=discard)
    assert raised(at_once(lambda: claims.claim(kind, job), retry), queue.WrongStateError) == 0
    assert order == ["discarded", "queued again"]
