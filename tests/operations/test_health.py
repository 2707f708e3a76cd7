"""Whether the installation can do its work, part by part."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from soundscapes.jobs import heartbeat
from soundscapes.models import Generation
from soundscapes.operations import health, maintenance
from tests import factories

READY = "/readyz"


@pytest.fixture(autouse=True)
def _moment_of_its_own():
    health._storage_at.cache_clear()


def parts(answer) -> dict[str, bool]:
    assert all(part["words"].endswith(".") for part in answer.json()["parts"].values())
    return {name: part["ok"] for name, part in answer.json()["parts"].items()}


@pytest.mark.django_db
def test_workers_that_have_fallen_silent_are_not_ready():
    factories.HeartbeatFactory(beat_at=timezone.now() - timedelta(seconds=heartbeat.SILENCE))
    answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer)["workers"] is False


@pytest.mark.django_db
def test_a_job_that_waits_for_too_long_is_told(settings):
    maintenance.run()
    factories.GenerationFactory()
    assert Client().get(READY).status_code == 200
    age = timedelta(seconds=settings.QUEUE_PATIENCE + 1)
    Generation.objects.update(queued_at=timezone.now() - age)
    answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer)["queue"] is False
    assert f"{settings.QUEUE_PATIENCE + 1} s" in answer.json()["parts"]["queue"]["words"]


@pytest.mark.django_db
def test_a_storage_that_takes_nothing_is_told_without_its_path(settings):
    maintenance.run()
    (settings.MEDIA_ROOT / "probes").write_text("in the way")
    answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer)["storage"] is False
    assert str(settings.MEDIA_ROOT) not in answer.text


def _refuse(*_args):
    raise OperationalError('connection to "db.example" failed: wrong password')


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_told_without_its_error():
    with connection.execute_wrapper(_refuse):
        answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer) == {"database": False, "queue": False, "workers": False, "storage": True}
    assert "password" not in answer.text


def test_strangers_who_ask_often_do_not_wear_out_the_storage(monkeypatch, settings):
    monkeypatch.setattr(health, "FRESH", 3600.0)
    assert health._storage().is_well
    (settings.MEDIA_ROOT / "probes").rmdir()
    (settings.MEDIA_ROOT / "probes").write_text("in the way")
    assert health._storage().is_well
