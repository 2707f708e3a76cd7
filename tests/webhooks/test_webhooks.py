"""Creating webhooks, and switching them off and on."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from soundscapes.models import Webhook
from soundscapes.webhooks import webhooks
from tests import factories

pytestmark = pytest.mark.django_db


def test_each_webhook_has_its_own_secret(owner):
    first, second = (webhooks.create_webhook(owner, "https://example.org/", []) for _ in range(2))
    assert first.secret.startswith("whsec_")
    assert first.secret != second.secret


@pytest.mark.parametrize(
    "url",
    ["https://example.org/hook?a=b", "http://192.168.1.5:8080/", "https://[2606:4700::1111]/x"],
)
def test_web_addresses_are_accepted(url):
    webhooks.validate_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "https://user:password@example.org/",
        "https://exämple.org/",
        "example.org",
        "https://example.org/\r\nX-Evil: 1",
        "https://example.org:99999/",
        f"https://example.org/{'x' * 500}",
    ],
)
def test_other_urls_are_refused(url):
    with pytest.raises(ValidationError):
        webhooks.validate_url(url)


def failing_for(**how_long):
    since = timezone.now() - timedelta(**how_long)
    return factories.WebhookFactory(failing_since=since)


def test_a_failing_webhook_stays_on_for_two_days():
    webhook = failing_for(days=1, hours=23)
    webhooks.note_failure(webhook, "It answered 500.", 500)
    assert Webhook.objects.live().exists()


def test_a_webhook_that_failed_for_long_is_switched_off_with_the_reason():
    webhook = failing_for(days=2)
    webhooks.note_failure(webhook, "It answered 500.", 500)
    webhook.refresh_from_db()
    assert not Webhook.objects.live().exists()
    assert "failed for 2 days" in webhook.trouble
    assert "It answered 500." in webhook.trouble


def test_a_success_ends_a_failure():
    webhook = failing_for(days=1)
    webhooks.note_success(webhook)
    webhooks.note_failure(webhook := Webhook.objects.get(), "It answered 500.", 500)
    webhook.refresh_from_db()
    assert timezone.now() - webhook.failing_since < timedelta(minutes=1)


def test_a_success_during_a_failing_delivery_keeps_it_on():
    webhook = failing_for(days=3)
    webhooks.note_success(Webhook.objects.get())
    webhooks.note_failure(webhook, "It answered 500.", 500)
    assert Webhook.objects.live().exists()


def test_a_webhook_that_is_gone_is_switched_off_at_once():
    webhook = factories.WebhookFactory()
    webhooks.note_failure(webhook, "It answered 410.", 410)
    assert not Webhook.objects.live().exists()
    assert webhook.trouble == "It answered 410 Gone."


def test_it_can_be_switched_on_again():
    webhook = failing_for(days=3)
    webhooks.note_failure(webhook, "It answered 500.", 500)
    webhooks.switch(webhook, on=True)
    webhook.refresh_from_db()
    assert (webhook.failing_since, webhook.disabled_at, webhook.trouble) == (None, None, "")


def test_webhooks_of_deactivated_accounts_are_not_live():
    factories.WebhookFactory(owner__is_active=False)
    assert not Webhook.objects.live().exists()
