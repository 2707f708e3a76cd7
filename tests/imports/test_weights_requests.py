"""Requests that need no download."""

import pytest

from soundscapes.imports import weights_requests
from soundscapes.models import BatchJob

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("fields", [{"ENCODER": "offline"}, {"CLIP_WEIGHTS": "/some/where.pt"}])
def test_nothing_is_requested_where_no_weights_are_needed(settings, fields):
    settings.ENCODER, settings.CLIP_WEIGHTS = "auto", ""
    for name, value in fields.items():
        setattr(settings, name, value)
    assert weights_requests.request() == ""
    assert not BatchJob.objects.exists()
