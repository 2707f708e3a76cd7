"""Requests for the preparation in the background: once, and only for what is missing."""

import pytest

from soundscapes.images import matching
from soundscapes.imports import preparation_requests
from soundscapes.models import BatchJob
from soundscapes.sounds import bank

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("request_it", ["request_bank", "request_encoder"])
@pytest.mark.usefixtures("small_bank")
def test_what_is_missing_is_queued_once(monkeypatch, request_it):
    monkeypatch.setattr(matching, "is_prepared", lambda: False)
    bank.import_built()
    for _time in range(2):
        assert getattr(preparation_requests, request_it)()
    assert BatchJob.objects.count() == 1


def test_nothing_is_queued_when_all_is_there(monkeypatch):
    monkeypatch.setattr(matching, "is_prepared", lambda: True)
    assert not preparation_requests.request_bank()
    assert not preparation_requests.request_encoder()
    assert not BatchJob.objects.exists()
