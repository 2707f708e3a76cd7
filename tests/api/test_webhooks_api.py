"""Webhooks in the API."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from soundscapes.models import Event
from soundscapes.webhooks import sending, webhooks
from tests import factories
from tests.queue import wake_ups

pytestmark = pytest.mark.django_db
NEW = {"target_url": "https://example.org/hook"}


def create(api, **body):
    return api.post(reverse("api_webhooks"), NEW | body, format="json")


def test_a_webhook_is_created_listed_switched_and_deleted(api):
    answer = create(api, events=["generation.failed"])
    assert answer.status_code == 201
    made = answer.json()
    assert made.pop("secret").startswith("whsec_")
    assert answer["Cache-Control"] == "no-store"
    url = answer["Location"]
    assert api.get(url).json() == made
    assert api.get(reverse("api_webhooks")).json()["results"] == [made]
    assert (made["events"], made["is_active"]) == (["generation.failed"], True)
    off = api.patch(url, {"is_active": False}, format="json").json()
    assert (off["is_active"], off["trouble"]) == (False, webhooks.SWITCHED_OFF)
    assert api.patch(url, {"is_active": True}, format="json").json() == made
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404


def test_all_events_are_sent_unless_some_are_chosen(api):
    assert create(api).json()["events"] == Event.values


@pytest.mark.parametrize(
    "body",
    [{"target_url": "file:///etc/passwd"}, {"events": []}, {"events": ["other"]}, {"events": 1}],
)
def test_invalid_requests_are_refused(api, body):
    assert create(api, **body).status_code == 400


def test_one_too_many_is_refused(api, owner):
    factories.WebhookFactory.create_batch(webhooks.MAX_WEBHOOKS, owner=owner)
    assert create(api).status_code == 409


def test_deliveries_are_listed_and_sent_again(api, owner):
    delivery = factories.WebhookDeliveryFactory(
        webhook__owner=owner, tries=3, answer_status=500, retry_at=timezone.now()
    )
    listed = reverse("api_deliveries", args=[delivery.webhook_id])
    (shown,) = api.get(listed).json()["results"]
    assert (shown["state"], shown["tries"], shown["answer_status"]) == ("failed", 3, 500)
    url = reverse("api_send_delivery", args=[delivery.pk])
    again = api.post(url).json()
    assert (again["state"], again["tries"], again["retry_at"]) == ("queued", 0, None)
    assert wake_ups() == 1
    assert api.post(url).status_code == 409


GUIDE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text()


def test_the_guide_s_example_accepts_signed_messages_only():
    (code,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
        if "def verified" in block
    )
    names = {}
    exec(code, names)  # noqa: S102
    secret = factories.WebhookFactory().secret
    body, now = json.dumps({"type": "generation.ready"}).encode(), int(timezone.now().timestamp())

    def headers(timestamp):
        signed = sending.signature(secret, "1", timestamp, body)
        return {
            "webhook-id": "1",
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signed,
        }

    assert names["verified"](secret, headers(now), body) == {"type": "generation.ready"}
    for wrong in (headers(now - 3600), headers(now) | {"webhook-id": "2"}):
        with pytest.raises(ValueError, match=r"signature|old"):
            names["verified"](secret, wrong, body)
