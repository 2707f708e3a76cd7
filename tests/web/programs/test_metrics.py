"""Access to the metrics."""

import pytest
from django.db import OperationalError

from soundscapes.operations import exposition

pytestmark = pytest.mark.django_db
TOKEN = "a-token-of-some-length"


def status(client, address="127.0.0.1", **headers):
    return client.get("/metrics", REMOTE_ADDR=address, headers=headers).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_read_them(client, address):
    answer = client.get("/metrics", REMOTE_ADDR=address)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "soundscapes_queue_age_seconds 0.0" in answer.text


@pytest.mark.parametrize("address", ["192.168.1.5", "1.1.1.1", "2606:4700::1111", "", "unix:"])
def test_other_machines_may_not(client, address):
    assert status(client, address) == 404


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_a_proxy_on_this_machine_does_not_make_others_local(client, name):
    assert status(client, **{name: "127.0.0.1"}) == 404


@pytest.mark.parametrize("setting", ["PRODUCTION", "PROXIES"])
def test_nobody_is_local_on_a_site_with_a_proxy(client, settings, setting):
    setattr(settings, setting, 1)
    assert status(client) == 404


def test_a_forged_header_makes_nobody_local(client):
    assert status(client, "1.1.1.1", **{"X-Forwarded-For": "127.0.0.1"}) == 404


def test_the_token_opens_them_to_other_machines(client, settings):
    settings.METRICS_TOKEN, settings.PRODUCTION = TOKEN, True
    assert status(client, "1.1.1.1", Authorization=f"Bearer {TOKEN}") == 200
    for wrong in ("Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN):
        assert status(client, "1.1.1.1", Authorization=wrong) == 401
    answer = client.get("/metrics", REMOTE_ADDR="1.1.1.1")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_an_empty_token_is_none(client, settings):
    settings.METRICS_TOKEN = ""
    assert status(client, "1.1.1.1", Authorization="Bearer ") == 404


def test_the_host_name_does_not_matter(client):
    """Prometheus asks by the address of a machine or container."""
    assert status(client, host="10.0.0.7:8000") == 200


def test_a_lost_database_is_reported(client, monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr(exposition, "exposition", fail)
    assert status(client) == 503
