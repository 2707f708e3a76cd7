"""Deliveries of events to webhooks, sent by the worker and retried for a day."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from soundscapes.files import batches
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind
from soundscapes.models import Event, State, Webhook, WebhookDelivery
from soundscapes.webhooks import sending, webhooks

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360, 720))
"""Time before each retry; after the last one the delivery has failed."""
KEPT_FOR = timedelta(days=14)
BATCH = 500  # rows at a time
OFF = "The webhook is switched off."


def announce(event: Event, owner: int, describe: Callable[[], dict[str, Any]]) -> None:
    """Queue a message to each webhook of an account that wants the event.

    Call this in the transaction of the change, so that no event is lost. `describe` returns the
    data of the message, and is only called if there is a webhook.
    """
    wanting = [hook for hook in Webhook.objects.live().filter(owner=owner) if event in hook.events]
    if not wanting:
        return
    message = {"type": event, "timestamp": timezone.now(), "data": describe()}
    body = json.dumps(message, cls=DjangoJSONEncoder, ensure_ascii=False)
    for webhook in wanting:
        queue.enqueue(WebhookDelivery.objects.create(webhook=webhook, event=event, body=body))


def send(claim: Claim) -> None:
    """Make one try. Runs in the worker."""
    delivery = WebhookDelivery.objects.select_related("webhook").get(pk=claim.pk)
    if not delivery.webhook.is_active:
        claim.fail(OFF, retry_at=None)
        return
    claim.report(State.RENDERING, "Sending", 50)
    status, error = _try(delivery)
    result = {"tries": F("tries") + 1, "answer_status": status}
    with transaction.atomic():
        if not error:
            claim.finish(**result)
            webhooks.note_success(delivery.webhook)
            return
        claim.fail(error, retry_at=_next_try(delivery), **result)
        webhooks.note_failure(delivery.webhook, error, status)


def _try(delivery: WebhookDelivery) -> tuple[int | None, str]:
    """Return the status of the answer, if there was one, and why it failed, if it did."""
    webhook, body = delivery.webhook, delivery.body.encode()
    timestamp = int(timezone.now().timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Soundscapes",
        "webhook-id": str(delivery.pk),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": sending.signature(webhook.secret, str(delivery.pk), timestamp, body),
    }
    try:
        status = sending.post(webhook.target_url, body, headers)
    except sending.DeliveryError as error:
        return None, str(error)
    if 200 <= status < 300:
        return status, ""
    if 300 <= status < 400:
        return status, f"It answered {status}. Redirects are not followed."
    return status, f"It answered {status}."


def _next_try(delivery: WebhookDelivery) -> Any:
    left = WAITS[delivery.tries :]
    return timezone.now() + left[0] if left else None


def retry_due() -> None:
    """Queue failed deliveries whose time has come. Called every minute."""
    for delivery in WebhookDelivery.objects.due()[:BATCH]:
        _requeue(delivery)


def send_again(delivery: WebhookDelivery) -> None:
    """Send an ended delivery again, with all its retries.

    Raises WrongStateError, or QuotaExceededError.
    """
    webhook = delivery.webhook
    if not webhook.is_active:
        raise queue.WrongStateError(f"{OFF} Switch it on first.")
    with transaction.atomic():
        quotas.charge(webhook.owner, Kind.GENERATE)
        if not _requeue(delivery, tries=0):
            raise queue.WrongStateError("This message is already waiting to be sent.")
    delivery.refresh_from_db()


def _requeue(delivery: WebhookDelivery, **fields: Any) -> bool:
    with transaction.atomic():
        is_queued = queue.enqueue(delivery)
        if is_queued:
            WebhookDelivery.objects.filter(pk=delivery.pk).update(retry_at=None, **fields)
    return is_queued


def purge() -> None:
    batches.delete(WebhookDelivery.objects.ended_before(timezone.now() - KEPT_FOR).order_by())


KIND = JobKind(
    name="webhook",
    label="Calling a webhook",
    model=WebhookDelivery,
    run=send,
    owner="webhook__owner",
    listed=False,
    # One that does not answer takes up to ten seconds, which other jobs should not wait for.
    quick=Q(webhook__failing_since=None),
    purge=purge,
)
