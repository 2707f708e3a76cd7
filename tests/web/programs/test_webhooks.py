"""The pages of webhooks."""

import pytest
from django.urls import reverse

from soundscapes.accounts import deletion
from soundscapes.models import Event, Webhook, WebhookDelivery
from soundscapes.webhooks import webhooks
from tests import factories
from tests.queue import wake_ups
from tests.web.pages import has_early_clicks

pytestmark = pytest.mark.django_db
NEW = {"target_url": "https://example.org/hook", "events": [Event.GENERATION_READY]}


def test_a_webhook_is_created_and_its_secret_shown_once(browser, owner):
    answer = browser.post(reverse("webhooks"), NEW, follow=True)
    webhook = owner.webhooks.get()
    assert (webhook.target_url, webhook.events) == (NEW["target_url"], ["generation.ready"])
    assert webhook.secret in answer.text
    assert has_early_clicks(answer.text)
    again = browser.get(reverse("webhooks")).text
    assert webhook.secret not in again
    assert webhook.target_url in again


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"target_url": "ftp://example.org/"}, "begins with https://"),
        ({"events": []}, "This field is required"),
        ({"events": ["other"]}, "not one of the available choices"),
    ],
)
def test_a_mistake_is_explained(browser, change, words):
    assert words in browser.post(reverse("webhooks"), NEW | change).text
    assert not Webhook.objects.exists()


def test_one_webhook_too_many_is_refused(browser, owner):
    factories.WebhookFactory.create_batch(webhooks.MAX_WEBHOOKS, owner=owner)
    assert "the maximum" in browser.post(reverse("webhooks"), NEW).text
    assert owner.webhooks.count() == webhooks.MAX_WEBHOOKS


def test_deliveries_are_listed_with_state_tries_and_answer(browser, owner):
    delivery = factories.WebhookDeliveryFactory(
        webhook__owner=owner, tries=7, answer_status=500, error="It answered 500."
    )
    page = browser.get(reverse("webhook", args=[delivery.webhook_id])).text
    for words in ("generation.ready", "Failed", ">7<", "It answered 500.", "Send again"):
        assert words in page


def test_the_reason_for_a_webhook_being_off_is_shown(browser, owner):
    webhook = factories.WebhookFactory(owner=owner)
    webhooks.note_failure(webhook, "It answered 410.", 410)
    url = reverse("webhook", args=[webhook.pk])
    assert "It answered 410 Gone." in browser.get(url).text
    browser.post(reverse("switch_webhook", args=[webhook.pk]), {"on": ""})
    assert "It answered 410 Gone." not in browser.get(url).text
    browser.post(reverse("switch_webhook", args=[webhook.pk]))
    assert webhooks.SWITCHED_OFF in browser.get(url).text


def test_a_message_is_sent_again(browser, owner):
    delivery = factories.WebhookDeliveryFactory(webhook__owner=owner)
    url = reverse("send_delivery", args=[delivery.pk])
    assert browser.post(url).url == reverse("webhook", args=[delivery.webhook_id])
    assert wake_ups() == 1
    assert browser.post(url).status_code == 409


def test_a_webhook_is_deleted_with_its_deliveries(browser, owner):
    delivery = factories.WebhookDeliveryFactory(webhook__owner=owner)
    browser.post(reverse("delete_webhook", args=[delivery.webhook_id]))
    assert not WebhookDelivery.objects.exists()


def test_webhooks_end_with_the_account(owner):
    factories.WebhookDeliveryFactory(webhook__owner=owner)
    deletion.leave(owner)
    assert not Webhook.objects.exists()


def test_the_number_of_queries_does_not_grow(browser, owner, queries_of):
    webhook = factories.WebhookFactory(owner=owner)
    url = reverse("webhook", args=[webhook.pk])

    def count():
        return queries_of(lambda: browser.get(url))

    factories.WebhookDeliveryFactory(webhook=webhook)
    first = count()
    factories.WebhookDeliveryFactory.create_batch(5, webhook=webhook)
    assert count() == first
