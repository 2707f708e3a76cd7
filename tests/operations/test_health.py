"""Health of the components."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from soundscapes.jobs import heartbeat
from soundscapes.models import Generation, Heartbeat
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
def test_silent_workers_are_not_ready():
    factories.HeartbeatFactory(beat_at=timezone.now() - timedelta(seconds=heartbeat.SILENCE))
    answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer)["workers"] is False


@pytest.mark.django_db
def test_a_job_that_waits_too_long_is_reported(settings):
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
def test_a_broken_storage_is_reported_without_its_path(settings):
    maintenance.run()
    (settings.MEDIA_ROOT / "probes").write_text("in the way")
    answer = Client().get(READY)
    assert answer.status_code == 503
    assert parts(answer)["storage"] is False
    assert str(settings.MEDIA_ROOT) not in answer.text


@pytest.mark.django_db
def test_a_failed_gpu_is_reported_without_details_and_the_service_is_ready():
    maintenance.run()
    Heartbeat.objects.report("cuda failed, CLIP runs on the CPU: no room in /secret/place")
    answer = Client().get(READY)
    assert answer.status_code == 200
    assert "CLIP runs on the CPU" in answer.json()["parts"]["devices"]["words"]
    assert "secret" not in answer.text


def _refuse(*_args):
    raise OperationalError('connection to "db.example" failed: wrong password')


@pytest.mark.django_db
def test_an_unavailable_database_is_reported_without_its_error():
    with connection.execute_wrapper(_refuse):
        answer = Client().get(READY)
    assert answer.status_code == 503
    away = dict.fromkeys(("database", *health.UNREACHABLE), False)
    assert parts(answer) == away | {"storage": True}
    assert "password" not in answer.text


def test_frequent_probes_test_the_storage_once(monkeypatch, settings):
    monkeypatch.setattr(health, "FRESH", 3600.0)
    assert health._storage().is_well
    (settings.MEDIA_ROOT / "probes").rmdir()
    (settings.MEDIA_ROOT / "probes").write_text("in the way")
    assert health._storage().is_well
