"""Requests that count against quotas, and their messages."""

import pytest

from soundscapes.limits import quotas
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("small_quotas")
def test_refused_and_existing_soundscapes_cost_no_quota(api, owner):
    image = factories.ImageFactory(owner=owner)
    body = {"image": str(image.pk), "duration": 10**6}
    assert api.post("/api/v1/generations/", body, format="json").status_code == 400
    headers = {"Idempotency-Key": "once"}
    body = {"image": str(image.pk)}
    for _number in range(2):
        answer = api.post("/api/v1/generations/", body, format="json", headers=headers)
        assert answer.status_code == 202


@pytest.mark.usefixtures("small_quotas")
def test_replaying_a_soundscape_costs_no_quota(api, owner, settings):
    settings.API_WAIT_SECONDS = 0
    settings.QUOTAS = settings.QUOTAS | {"read": (100, 3600)}
    first, second = (factories.ImageFactory(owner=owner) for _ in range(2))
    for _number in range(2):
        assert api.get("/generate_audio", {"image": first.pk}).status_code == 202
    assert api.get("/generate_audio", {"image": second.pk}).status_code == 429


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "1 second"),
        (59, "59 seconds"),
        (90, "90 seconds"),
        (91, "2 minutes"),
        (3600, "60 minutes"),
        (7000, "2 hours"),
    ],
)
def test_waiting_times_are_rounded_up(seconds, words):
    assert quotas.in_words(seconds) == words
