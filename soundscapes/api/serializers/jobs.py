"""Serializers of jobs."""

from typing import Any

from django.db.models import TextChoices
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soundscapes.api.serializers.rows import RowSerializer, RowUrlField
from soundscapes.api.serializers.strict import OneOfField
from soundscapes.jobs.kinds import choices
from soundscapes.models import State
from soundscapes.models.jobs import Row


class Status(TextChoices):
    QUEUED = "queued", "Queued"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


STATES: dict[str, tuple[State, ...]] = {
    Status.QUEUED: (State.QUEUED,),
    Status.RUNNING: (State.MATCHING, State.RENDERING),
    Status.SUCCEEDED: (State.READY,),
    Status.FAILED: (State.FAILED,),
    Status.CANCELLED: (State.CANCELLED,),
}
STATUSES = {state: status for status, states in STATES.items() for state in states}


class KindField(OneOfField):
    """A kind of job that is listed to its owner."""

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=choices(), **options)


class JobSerializer(RowSerializer):
    """A job: matching, rendering, conversion or export."""

    rows_are_dicts = True

    id = serializers.UUIDField(
        help_text="The ID of the image or soundscape; a conversion or export has its own ID."
    )
    kind = KindField()
    status = serializers.SerializerMethodField()
    stage = serializers.CharField(help_text="Description of the current step.")
    progress = serializers.IntegerField(min_value=0, max_value=100, help_text="Percent.")
    result_url = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()
    url = RowUrlField(view_name="api_job")
    queued_at = serializers.DateTimeField(allow_null=True)
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=Status.choices))
    def get_status(self, job: Row) -> str:
        return STATUSES[job["state"]]

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_result_url(self, job: Row) -> str | None:
        if job["state"] != State.READY or not job["result"]:
            return None
        name, mark, query = job["result"].partition("?")
        return f"{self.url_of(name, job['about'])}{mark}{query}"

    def get_error(self, job: Row) -> str | None:
        return job["error"] or None


class JobQuery(serializers.Serializer[Any]):
    """Filters and order of the list of jobs."""

    kind = KindField(required=False)
    status = OneOfField(choices=Status.choices, required=False)
    ordering = OneOfField(choices=["queued_at", "-queued_at"], default="-queued_at")

    def kinds(self) -> list[str] | None:
        return [self.validated_data["kind"]] if "kind" in self.validated_data else None

    def states(self) -> tuple[State, ...] | None:
        return STATES[self.validated_data["status"]] if "status" in self.validated_data else None
