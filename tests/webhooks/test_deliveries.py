"""Deliveries, from the end of a soundscape to a real server, through the queue."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from standardwebhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from soundscapes.generations import generations, rendering
from soundscapes.images import images
from soundscapes.jobs import queue
from soundscapes.jobs.claims import claim
from soundscapes.jobs.kinds import kind_of
from soundscapes.limits import quotas
from soundscapes.models import Event, Generation, State, Webhook, WebhookDelivery
from soundscapes.operations import maintenance
from soundscapes.webhooks import deliveries, sending, webhooks
from tests import factories, sample_files
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def webhook(owner, receiver):
    return webhooks.create_webhook(owner, receiver.url, Event.values)


def announced(webhook, event=Event.GENERATION_READY):
    deliveries.announce(event, webhook.owner_id, lambda: {"id": "1"})
    return WebhookDelivery.objects.latest("created_at")


def sent(delivery):
    assert work_off() == []
    delivery.refresh_from_db()
    return delivery


@pytest.mark.usefixtures("sounds")
def test_a_finished_soundscape_is_announced_with_a_valid_signature(owner, webhook, receiver):
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, seed=7)
    assert work_off() == []
    ((_path, headers, body),) = receiver.received
    message = Verifier(webhook.secret).verify(body, headers)
    assert message["type"] == "generation.ready"
    assert message["data"]["id"] == str(generation.pk)
    assert message["data"]["state"] == "ready"
    assert message["data"]["path"] == f"/api/v1/generations/{generation.pk}/"
    generation.refresh_from_db()
    assert message["data"]["title"] == generation.title
    with pytest.raises(WebhookVerificationError):
        Verifier(webhook.secret).verify(body + b" ", headers)


def test_a_failed_soundscape_is_announced_with_its_error(owner, webhook, receiver):
    generation = factories.GenerationFactory(owner=owner)
    claim(kind_of(generation), generation).fail("No sound fits.")
    assert work_off() == []
    ((_path, _headers, body),) = receiver.received
    message = json.loads(body)
    assert message["type"] == "generation.failed"
    assert message["data"]["error"] == "No sound fits."


def test_a_soundscape_whose_worker_always_dies_is_announced(owner, webhook):
    generation = factories.GenerationFactory(owner=owner)
    for _attempt in range(4):
        claim(kind_of(generation), generation)
        Generation.objects.update(leased_until=None)
    assert WebhookDelivery.objects.get().event == Event.GENERATION_FAILED


def test_only_wanted_events_of_the_owner_are_sent(owner, stranger, webhook):
    failures = webhooks.create_webhook(owner, "https://example.org/", [Event.GENERATION_FAILED])
    announced(webhook)
    assert not failures.deliveries.exists()
    deliveries.announce(Event.GENERATION_READY, stranger.pk, dict)
    assert WebhookDelivery.objects.count() == 1


def test_without_webhooks_a_soundscape_costs_two_queries_more(owner, queries_of):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    assert queries_of(lambda: rendering.announce(generation.pk)) == 2


def test_a_delivery_is_recorded(webhook):
    delivery = sent(announced(webhook))
    assert (delivery.state, delivery.tries, delivery.answer_status) == (State.READY, 1, 204)
    assert delivery.outcome == "Delivered"


def test_a_failed_delivery_is_retried_with_growing_pauses_until_none_is_left(webhook, receiver):
    receiver.status = 500
    delivery, waits = announced(webhook), []
    while sent(delivery).retry_at:
        waits.append(delivery.retry_at - delivery.finished_at)
        WebhookDelivery.objects.update(retry_at=timezone.now())
        maintenance.run()
    assert [round(wait / timedelta(minutes=1)) for wait in waits] == [1, 5, 30, 120, 360, 720]
    assert len(receiver.received) == delivery.tries == len(deliveries.WAITS) + 1
    assert len({headers["webhook-id"] for _path, headers, _body in receiver.received}) == 1
    assert (delivery.state, delivery.outcome, delivery.error) == (
        State.FAILED,
        "Failed",
        "It answered 500.",
    )
    webhook.refresh_from_db()
    assert webhook.failing_since is not None


def test_a_delivery_waits_until_its_time(webhook, receiver):
    receiver.status = 500
    sent(announced(webhook))
    maintenance.run()
    assert work_off() == []
    assert len(receiver.received) == 1


def test_a_retry_that_succeeds_ends_the_failure(webhook, receiver):
    receiver.status = 500
    delivery = sent(announced(webhook))
    receiver.status = 200
    WebhookDelivery.objects.update(retry_at=timezone.now())
    deliveries.retry_due()
    assert sent(delivery).state == State.READY
    assert not Webhook.objects.exclude(failing_since=None).exists()


def test_a_redirect_is_a_failure(webhook, receiver):
    receiver.status, receiver.location = 301, "http://127.0.0.1/"
    assert "Redirects are not followed" in sent(announced(webhook)).error


def test_what_waits_for_a_webhook_that_is_switched_off_is_not_sent(webhook, receiver):
    delivery = announced(webhook)
    webhooks.switch(webhook, on=False)
    assert sent(delivery).error == deliveries.OFF
    assert receiver.received == []


def test_a_delivery_does_not_wait_behind_long_jobs_unless_its_webhook_fails(webhook):
    delivery = announced(webhook)
    quick = WebhookDelivery.objects.filter(deliveries.KIND.quick)
    assert list(quick) == [delivery]
    Webhook.objects.update(failing_since=timezone.now())
    assert not quick.all().exists()


def test_a_message_is_sent_again_with_all_its_retries(webhook, receiver):
    delivery = sent(announced(webhook))
    receiver.status = 500
    deliveries.send_again(delivery)
    assert sent(delivery).tries == 1
    assert delivery.retry_at is not None
    assert len(receiver.received) == 2


def test_a_waiting_message_is_not_sent_twice(webhook):
    delivery = announced(webhook)
    with pytest.raises(queue.WrongStateError, match="already waiting"):
        deliveries.send_again(WebhookDelivery.objects.get(pk=delivery.pk))


def test_sending_again_is_limited(webhook, settings):
    settings.QUOTAS = settings.QUOTAS | {"generate": (0, 3600)}
    with pytest.raises(quotas.QuotaExceededError):
        deliveries.send_again(sent(announced(webhook)))


def test_old_deliveries_are_deleted_unless_a_retry_is_due():
    old = timezone.now() - deliveries.KEPT_FOR
    factories.WebhookDeliveryFactory(finished_at=old)
    kept = [
        factories.WebhookDeliveryFactory(),
        factories.WebhookDeliveryFactory(finished_at=old, retry_at=timezone.now()),
    ]
    deliveries.purge()
    assert set(WebhookDelivery.objects.all()) == set(kept)


def test_a_switched_off_webhook_does_not_send_what_is_weeks_old():
    webhook = factories.WebhookFactory()
    old = timezone.now() - deliveries.KEPT_FOR - timedelta(minutes=1)
    factories.WebhookDeliveryFactory(webhook=webhook, finished_at=old, retry_at=old)
    webhooks.switch(webhook, on=False)
    deliveries.purge()
    webhooks.switch(webhook, on=True)
    deliveries.retry_due()
    assert waiting() == []
    assert not WebhookDelivery.objects.exists()


def test_a_worker_is_not_held_for_longer_than_the_watchdog_allows():
    assert sending.RESOLVE_SECONDS + 2 * sending.CONNECT_SECONDS + sending.TOTAL_SECONDS < 20
