"""Soundscapes of a history, and the page that lists them."""

from __future__ import annotations

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from soundscapes.models import Generation
from tests import factories

NOBODY_S = "0b8f7a52-7c1e-4a0e-9a55-3f1f5a4b7d10"
HTMX = {"HTTP_HX_REQUEST": "true"}


def made(owner, count=1, **fields):
    """Create `count` finished soundscapes, newest first."""
    rows = factories.GenerationFactory.create_batch(count, owner=owner, ready=True, **fields)
    for age, row in enumerate(rows):
        created = timezone.now() - timedelta(minutes=age)
        Generation.objects.filter(pk=row.pk).update(created_at=created)
    return rows


def shown(answer):
    return answer.context["found"].generations


def look(browser, **query):
    answer = browser.get(reverse("history"), query)
    assert answer.status_code == 200
    return answer
