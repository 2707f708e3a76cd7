"""Creating webhooks, and switching them off and on."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone

from soundscapes.limits.grants import one_more
from soundscapes.models import User, Webhook
from soundscapes.models.webhooks.webhooks import MAX_URL

MAX_WEBHOOKS = 10  # per account
FAILING_FOR = timedelta(days=2)
"""How long all deliveries of a webhook must have failed before it is switched off."""
GONE = 410
SWITCHED_OFF = "You switched it off."


def validate_url(url: str) -> None:
    """Raise ValidationError unless a webhook may have this URL."""
    if not url.isascii():
        raise ValidationError("Use ASCII only: write other letters of a host name as xn--….")
    if len(url) > MAX_URL:
        raise ValidationError(f"A URL can have at most {MAX_URL} characters.")
    URLValidator(schemes=["http", "https"], message="Enter a URL that begins with https://.")(url)
    parts = urlsplit(url)
    try:
        is_port_valid = parts.port != 0
    except ValueError:
        is_port_valid = False
    if not is_port_valid:
        raise ValidationError("The port must be a number from 1 to 65535.")
    if parts.username is not None or parts.password is not None:
        raise ValidationError("Leave out the user name and password; check the signature instead.")


def create_webhook(user: User, target_url: str, events: Sequence[str]) -> Webhook:
    """Create a webhook with a new secret. Raises GuestError or TooManyError."""
    refusal = f"You have {MAX_WEBHOOKS} webhooks, the maximum. Delete one first."
    with one_more(user, user.webhooks, MAX_WEBHOOKS, refusal):
        return Webhook.objects.create(owner=user, target_url=target_url, events=list(events))


def delete_webhook(webhook: Webhook) -> None:
    webhook.delete()


def switch(webhook: Webhook, *, on: bool) -> None:
    if on:
        _update(webhook, disabled_at=None, failing_since=None, trouble="")
    else:
        _update(webhook, disabled_at=timezone.now(), trouble=SWITCHED_OFF)


def switch_off_all(user: User, why: str) -> None:
    user.webhooks.filter(disabled_at=None).update(disabled_at=timezone.now(), trouble=why)


def note_success(webhook: Webhook) -> None:
    Webhook.objects.filter(pk=webhook.pk).exclude(failing_since=None).update(failing_since=None)


def note_failure(webhook: Webhook, error: str, status: int | None) -> None:
    """Record a failed delivery; switch the webhook off if it is gone or has failed for long."""
    webhook.refresh_from_db(fields=["failing_since"])  # another delivery may just have arrived
    now = timezone.now()
    since = webhook.failing_since or now
    if status == GONE:
        why = "It answered 410 Gone."
    elif now - since >= FAILING_FOR:
        why = f"All deliveries failed for {FAILING_FOR.days} days. The last error: {error}"
    else:
        _update(webhook, failing_since=since)
        return
    _update(webhook, failing_since=since, disabled_at=now, trouble=why[:300])


def _update(webhook: Webhook, **fields: object) -> None:
    Webhook.objects.filter(pk=webhook.pk).update(**fields)
    for name, value in fields.items():
        setattr(webhook, name, value)
