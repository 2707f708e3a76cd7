"""Messages to webhooks."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from soundscapes.models.jobs import Job, JobQuerySet, State, unfinished_index
from soundscapes.models.webhooks.webhooks import Event, Webhook

if TYPE_CHECKING:
    from soundscapes.models.users import User


class DeliveryQuerySet(JobQuerySet["WebhookDelivery"]):
    def owned_by(self, user: User) -> Self:
        return self.filter(webhook__owner=user)

    def due(self) -> Self:
        """Return failed deliveries that should be tried again now."""
        return self.filter(
            retry_at__lte=timezone.now(),
            webhook__disabled_at=None,
            webhook__owner__is_active=True,
        )

    def ended_before(self, moment: datetime) -> Self:
        """Return old deliveries that are not tried again, or only if their webhook is on again."""
        over = Q(retry_at=None) | ~Q(webhook__in=Webhook.objects.live())
        return self.filter(over, finished_at__lt=moment)


class WebhookDelivery(Job):
    """A message to a webhook, and the result of the last try to send it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=30, choices=Event)
    body = models.TextField(editable=False, help_text="The JSON that is sent.")
    tries = models.PositiveSmallIntegerField(default=0, editable=False)
    answer_status = models.PositiveSmallIntegerField(
        null=True, editable=False, help_text="HTTP status of the last answer; empty without one."
    )
    retry_at = models.DateTimeField(
        null=True, editable=False, help_text="When a failed delivery is tried again."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name_plural = "webhook deliveries"
        indexes = [
            unfinished_index("webhookdelivery_unfinished"),
            models.Index(
                name="delivery_retried", fields=["retry_at"], condition=Q(retry_at__isnull=False)
            ),
            models.Index(name="delivery_ended", fields=["finished_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()} → {self.webhook}"

    @property
    def outcome(self) -> str:
        """The state in words for the owner."""
        if self.state == State.READY:
            return "Delivered"
        if self.state == State.FAILED:
            return "Will be retried" if self.retry_at else "Failed"
        return "Waiting"
