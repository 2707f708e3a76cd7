"""Webhooks and their deliveries."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.serializers.webhooks import (
    NewWebhookRequest,
    NewWebhookSerializer,
    WebhookDeliverySerializer,
    WebhookRequest,
    WebhookSerializer,
)
from soundscapes.http.access import delivery_or_404, owned_or_404, signed_in_user
from soundscapes.models import Webhook, WebhookDelivery
from soundscapes.webhooks import deliveries, webhooks


@extend_schema_view(get=extend_schema(operation_id="listWebhooks"))
class WebhooksView(ListAPIView[Webhook]):
    """List your webhooks; POST creates one and returns its secret, which is shown only once."""

    serializer_class = WebhookSerializer

    def get_queryset(self) -> QuerySet[Webhook]:
        return Webhook.objects.filter(owner=signed_in_user(self.request))

    @extend_schema(
        operation_id="createWebhook",
        request=NewWebhookRequest,
        responses={201: NewWebhookSerializer},
    )
    def post(self, request: Request) -> Response:
        body = NewWebhookRequest(data=request.data)
        body.is_valid(raise_exception=True)
        webhook = webhooks.create_webhook(signed_in_user(request), **body.validated_data)
        data = NewWebhookSerializer(webhook, context={"request": request}).data
        headers = {"Location": data["url"], "Cache-Control": "no-store"}
        return Response(data, status=201, headers=headers)


class WebhookView(APIView):
    """One of your webhooks; PATCH switches it off and on, DELETE deletes it."""

    @extend_schema(operation_id="getWebhook", responses=WebhookSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        return _shown(request, owned_or_404(Webhook, signed_in_user(request), pk))

    @extend_schema(
        operation_id="switchWebhook", request=WebhookRequest, responses=WebhookSerializer
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        webhook = owned_or_404(Webhook, signed_in_user(request), pk)
        body = WebhookRequest(data=request.data)
        body.is_valid(raise_exception=True)
        webhooks.switch(webhook, on=body.validated_data["is_active"])
        return _shown(request, webhook)

    @extend_schema(operation_id="deleteWebhook", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        webhooks.delete_webhook(owned_or_404(Webhook, signed_in_user(request), pk))
        return Response(status=204)


def _shown(request: Request, webhook: Webhook) -> Response:
    return Response(WebhookSerializer(webhook, context={"request": request}).data)


@extend_schema_view(get=extend_schema(operation_id="listWebhookDeliveries"))
class DeliveriesView(ListAPIView[WebhookDelivery]):
    """The deliveries of a webhook, newest first, for two weeks."""

    serializer_class = WebhookDeliverySerializer

    def get_queryset(self) -> QuerySet[WebhookDelivery]:
        webhook = owned_or_404(Webhook, signed_in_user(self.request), self.kwargs["pk"])
        return webhook.deliveries.defer("body")


class SendDeliveryView(APIView):
    """Send an ended delivery again."""

    @extend_schema(
        operation_id="sendWebhookDelivery",
        request=None,
        responses={200: WebhookDeliverySerializer},
    )
    def post(self, request: Request, pk: UUID) -> Response:
        delivery = delivery_or_404(signed_in_user(request), pk)
        deliveries.send_again(delivery)
        return Response(WebhookDeliverySerializer(delivery, context={"request": request}).data)
