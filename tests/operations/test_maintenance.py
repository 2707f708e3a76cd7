"""Maintenance that runs every minute."""

import os
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from django_q.models import Task

from soundscapes.files import processes
from soundscapes.generations import audio_cache
from soundscapes.models import Generation, Heartbeat, IdempotencyRecord, JournalEntry, QuotaCount
from soundscapes.models.limits import LIFETIME
from soundscapes.operations import maintenance
from tests import factories
from tests.queue import wake_ups

pytestmark = pytest.mark.django_db


def test_maintenance_sends_a_heartbeat_and_requeues_lapsed_jobs():
    job = factories.GenerationFactory()
    Generation.objects.claim(job.pk, "another-machine/1/1/1")
    Generation.objects.update(leased_until=timezone.now() - timedelta(hours=1))
    maintenance.run()
    assert Heartbeat.objects.beat_of_this_host() is not None
    assert not Generation.objects.exclude(claimed_by="").exists()
    assert wake_ups() == 1


def test_expired_rows_are_deleted():
    new, old = (factories.IdempotencyRecordFactory() for _ in range(2))
    IdempotencyRecord.objects.filter(pk=old.pk).update(created_at=timezone.now() - LIFETIME * 2)
    maintenance.run()
    assert list(IdempotencyRecord.objects.all()) == [new]


def test_only_ended_rows_are_deleted_in_batches(monkeypatch, owner, sign_in):
    monkeypatch.setattr(maintenance, "BATCH", 2)
    past, future = (timezone.now() + timedelta(hours=hours) for hours in (-1, 1))
    sign_in(owner)
    for number in range(5):
        Session.objects.create(session_key=f"old {number}", expire_date=past)
        factories.QuotaCountFactory(ends_at=past)
    kept = factories.QuotaCountFactory(ends_at=future)
    maintenance.run()
    assert list(QuotaCount.objects.all()) == [kept]
    assert Session.objects.get().get_decoded()["_auth_user_id"] == str(owner.pk)


@pytest.mark.parametrize("success", [True, False])
def test_only_the_newest_results_of_django_q2_are_kept(monkeypatch, success):
    monkeypatch.setattr(maintenance, "KEPT_TASKS", 2)
    now = timezone.now()
    for age in range(5):
        moment = now - timedelta(minutes=age)
        fields = {"func": "f", "success": success, "started": moment, "stopped": moment}
        Task.objects.create(id=str(age), name=str(age), **fields)
    maintenance.run()
    assert set(Task.objects.values_list("id", flat=True)) == {"0", "1"}


def test_files_of_a_dead_process_are_deleted(stored, idle_process):
    name = default_storage.save("images/1.jpg", ContentFile(b"x"))
    dead = processes.name_of(idle_process.pid)
    factories.JournalEntryFactory(names=[name], process=dead)
    idle_process.kill()
    os.waitpid(idle_process.pid, 0)
    maintenance.run()
    assert stored() == set()
    assert not JournalEntry.objects.exists()


def test_a_step_that_fails_does_not_hold_up_the_others(monkeypatch, caplog):
    def trim() -> None:
        raise PermissionError("the folder of an administrator")

    monkeypatch.setattr(audio_cache, "trim", trim)
    factories.QuotaCountFactory(ends_at=timezone.now() - timedelta(hours=1))
    maintenance.run()
    assert not QuotaCount.objects.exists()
    assert "the folder of an administrator" in caplog.text
