"""Deliveries that are due, and their state in words."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import State, WebhookDelivery
from tests import factories

pytestmark = pytest.mark.django_db


def retried(minutes, **fields):
    at = timezone.now() + timedelta(minutes=minutes)
    return factories.WebhookDeliveryFactory(retry_at=at, **fields)


def test_deliveries_are_due_from_their_time_on_while_the_webhook_is_on():
    due = retried(-1)
    retried(1)
    retried(-1, webhook__disabled_at=timezone.now())
    retried(-1, webhook__owner__is_active=False)
    factories.WebhookDeliveryFactory()
    assert list(WebhookDelivery.objects.due()) == [due]


@pytest.mark.parametrize(
    ("state", "is_retried", "words"),
    [
        (State.QUEUED, False, "Waiting"),
        (State.READY, False, "Delivered"),
        (State.FAILED, True, "Will be retried"),
        (State.FAILED, False, "Failed"),
    ],
)
def test_the_state_is_described_in_words(state, is_retried, words):
    retry_at = timezone.now() if is_retried else None
    assert WebhookDelivery(state=state, retry_at=retry_at).outcome == words
