"""Serializers of webhooks."""

from typing import Any

from rest_framework import serializers

from soundscapes.api.serializers.rows import RowSerializer
from soundscapes.api.serializers.strict import OneOfField, TextField, YesNoField
from soundscapes.models import Event, Webhook, WebhookDelivery
from soundscapes.models.webhooks.webhooks import MAX_URL
from soundscapes.webhooks import webhooks


class WebhookSerializer(RowSerializer, serializers.ModelSerializer[Webhook]):
    """A URL that gets a signed request for each event."""

    url = serializers.HyperlinkedIdentityField(view_name="api_webhook")
    deliveries_url = serializers.HyperlinkedIdentityField(view_name="api_deliveries")
    target_url = serializers.CharField(read_only=True)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.choices), read_only=True
    )

    class Meta:
        model = Webhook
        fields: tuple[str, ...] = (
            "id",
            "url",
            "deliveries_url",
            "target_url",
            "events",
            "is_active",
            "trouble",
            "failing_since",
            "disabled_at",
            "created_at",
        )
        read_only_fields = fields


class NewWebhookSerializer(WebhookSerializer):
    """A new webhook with its secret, which is shown only once."""

    secret = serializers.CharField(read_only=True)

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")
        read_only_fields = fields


class NewWebhookRequest(serializers.Serializer[Any]):
    """The body of POST /api/v1/webhooks/."""

    target_url = TextField(
        max_length=MAX_URL,
        validators=[webhooks.validate_url],
        help_text="A URL that begins with https:// or http://.",
    )
    events = serializers.ListField(
        child=OneOfField(choices=Event.choices),
        min_length=1,
        max_length=len(Event),
        default=Event.values,
    )


class WebhookRequest(serializers.Serializer[Any]):
    """The body of PATCH /api/v1/webhooks/{id}/."""

    is_active = YesNoField(help_text="Switch the webhook on or off.")


class WebhookDeliverySerializer(RowSerializer, serializers.ModelSerializer[WebhookDelivery]):
    """A message to a webhook, and the result of the last try to send it."""

    answer_status = serializers.IntegerField(
        read_only=True, allow_null=True, help_text="HTTP status of the last answer."
    )

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "event",
            "state",
            "tries",
            "answer_status",
            "error",
            "retry_at",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields
