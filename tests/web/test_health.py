"""What load balancers and supervisors are told."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from soundscapes.jobs import heartbeat
from soundscapes.kinds import KINDS
from soundscapes.models import Generation
from soundscapes.operations import health, maintenance
from tests import factories

LIVE, READY = "/healthz", "/readyz"


@pytest.fixture(autouse=True)
def _moment_of_its_own():
    health._storage_at.cache_clear()


def parts(answer) -> dict[str, bool]:
    assert all(part["words"].endswith(".") for part in answer.json()["parts"].values())
    return {name: part["ok"] for name, part in answer.json()["parts"].items()}


def test_it_lives_without_a_database():
    answer = Client().get(LIVE)  # a test without a database fails at the first query
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_it_is_ready_once_a_worker_has_given_a_sign(stored):
    before = Client().get(READY)
    assert before.status_code == 503
    assert before["Retry-After"]
    assert parts(before) == {"database": True, "queue": True, "workers": False, "storage": True}
    maintenance.run()
    after = Client().get(READY)
    assert after.status_code == 200
    assert after.json()["ready"] is True
    assert all(parts(after).values())
    assert stored() == set()


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


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_probes_come_by_any_name_without_https_and_without_signing_in(settings, name):
    maintenance.run()
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["soundscapes.example"]
    assert Client().get(reverse(name), headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert Client().head(reverse(name)).status_code == 200
    assert Client().post(reverse(name)).status_code == 405


@pytest.mark.django_db
def test_readiness_costs_few_queries_however_many_jobs_there_are(queries_of):
    maintenance.run()
    few = queries_of(lambda: Client().get(READY))
    factories.GenerationFactory.create_batch(20)
    assert queries_of(lambda: Client().get(READY)) == few
    assert few <= 2 * len(KINDS) + 2  # for each kind of job its leases and its waiting


def test_strangers_who_ask_often_do_not_wear_out_the_storage(monkeypatch, settings):
    monkeypatch.setattr(health, "FRESH", 3600.0)
    assert health._storage().is_well
    (settings.MEDIA_ROOT / "probes").rmdir()
    (settings.MEDIA_ROOT / "probes").write_text("in the way")
    assert health._storage().is_well


@pytest.mark.parametrize(
    ("path", "status", "is_logged"),
    [("/readyz", 503, False), ("/readyz", 500, True), ("/soundscapes/", 503, True)],
)
def test_a_probe_that_is_told_no_every_second_fills_no_log(path, status, is_logged):
    (console,) = [
        each for each in logging.getLogger().handlers if type(each) is logging.StreamHandler
    ]
    record = logging.LogRecord("django.request", logging.ERROR, "", 0, "%s", (path,), None)
    record.request, record.status_code = RequestFactory().get(path), status
    assert bool(console.filter(record)) is is_logged
