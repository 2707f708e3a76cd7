"""Admin of webhooks: their owners alone see the secrets."""

from django.contrib import admin

from soundscapes.admin.support import OperationsAdmin, ReadOnlyAdmin
from soundscapes.models import Webhook, WebhookDelivery


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin):
    list_display = ("target_url", "owner", "events", "created_at", "failing_since", "disabled_at")
    shown_with = ("owner",)
    search_fields = ("target_url", "owner__username")
    fields = (
        *("owner", "target_url", "events"),
        *("created_at", "failing_since", "disabled_at", "trouble"),
    )


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(OperationsAdmin):
    """Messages to webhooks, without what they say."""

    list_display = ("created_at", "webhook", "event", "state", "tries", "answer_status", "retry_at")
    list_filter = ("state", "event")
    shown_with = ("webhook",)
    fields = ("webhook", "event", "state", "error", "tries", "answer_status", "retry_at")
