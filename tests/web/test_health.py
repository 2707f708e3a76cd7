"""Liveness and readiness."""

import pytest
from django.test import Client
from django.urls import reverse

from soundscapes.kinds import KINDS
from soundscapes.operations import health, maintenance
from tests import factories

LIVE = "/healthz"
READY = "/readyz"


@pytest.fixture(autouse=True)
def _moment_of_its_own():
    health._storage_at.cache_clear()


def parts(answer) -> dict[str, bool]:
    assert all(part["words"].endswith(".") for part in answer.json()["parts"].values())
    return {name: part["ok"] for name, part in answer.json()["parts"].items()}


def test_liveness_needs_no_database():
    answer = Client().get(LIVE)  # a test without a database fails at the first query
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readiness_requires_a_worker_heartbeat(stored):
    before = Client().get(READY)
    assert before.status_code == 503
    assert before["Retry-After"]
    assert [name for name, is_well in parts(before).items() if not is_well] == ["workers"]
    maintenance.run()
    after = Client().get(READY)
    assert after.status_code == 200
    assert after.json()["ready"] is True
    assert all(parts(after).values())
    assert stored() == set()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["healthz", "readyz"])
def test_probes_work_on_any_host_without_https_or_sign_in(settings, name):
    maintenance.run()
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["soundscapes.example"]
    assert Client().get(reverse(name), headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert Client().head(reverse(name)).status_code == 200
    assert Client().post(reverse(name)).status_code == 405


@pytest.mark.django_db
def test_readiness_needs_a_constant_number_of_queries(queries_of):
    maintenance.run()
    few = queries_of(lambda: Client().get(READY))
    factories.GenerationFactory.create_batch(20)
    assert queries_of(lambda: Client().get(READY)) == few
    assert few <= 2 * len(KINDS) + 2  # leases and waiting jobs of each kind
