"""Batch jobs of administrators: imports, checks and measurements."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from soundscapes.models.jobs import Job, JobQuerySet, State, unfinished_index

KEPT = timedelta(days=7)
BATCH_JOBS_FOLDER = "chores"  # an earlier name of batch jobs


class Outcome(models.TextChoices):
    NEW = "new", "New"
    KNOWN = "known", "Already known"
    REFUSED = "refused", "Rejected"
    DONE = "done", "Done"


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the report; `details` depend on the kind of batch job."""

    name: str
    outcome: str
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class BatchJobQuerySet(JobQuerySet["BatchJob"]):
    def with_files(self) -> Self:
        return self.filter(has_files=True)

    def in_progress(self, kind: str) -> "BatchJob | None":
        return self.unfinished().filter(kind=kind).first()

    def abandoned(self) -> Self:
        """Return old jobs that have ended or wait for confirmation, but still have files."""
        return (
            self.with_files()
            .filter(created_at__lt=timezone.now() - KEPT)
            .exclude(pk__in=self.unfinished().values("pk"))
        )


class BatchJob(Job):
    """Work of an administrator on many items, each with a row in the report.

    A batch job in progress stays queued, but with a lease.
    """

    class Kind(models.TextChoices):
        IMAGES = "pictures", "Import of images"
        CLIPS = "clips", "Import of clips"
        ESC50 = "esc50", "Import of ESC-50"
        ENCODE = "encode", "Encoding of images"
        MEASURE = "measure", "Measuring of clips"
        PROMPTS = "prompts", "Test of descriptions"
        WEIGHTS = "weights", "Download of CLIP's weights"
        BANK = "bank", "Synthesis of clips"
        ENCODER = "encoder", "Preparation of the encoder"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, editable=False)
    subject = models.CharField(
        max_length=200, editable=False, help_text="The image set, category or file in question."
    )
    is_trial = models.BooleanField(
        "dry run", default=False, editable=False, help_text="Checks every item but stores nothing."
    )
    options = models.JSONField(default=dict, blank=True, editable=False)
    has_files = models.BooleanField(default=False, editable=False)
    rows = models.JSONField(default=list, blank=True, editable=False)
    total = models.PositiveIntegerField(default=0, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BatchJobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [unfinished_index("batchjob_unfinished")]

    def __str__(self) -> str:
        what = f"{self.get_kind_display()}: {self.subject}"
        return f"{what} (dry run)" if self.is_trial else what

    @property
    def folder(self) -> str:
        return f"{BATCH_JOBS_FOLDER}/{self.pk}"

    @property
    def standing(self) -> str:
        if self.state == State.QUEUED:
            return "In progress" if self.leased_until else "Waiting"
        return "Done" if self.state == State.READY else self.get_state_display()

    @property
    def counts(self) -> dict[str, int]:
        outcomes = [row["outcome"] for row in self.rows]
        return {each.label: outcomes.count(each) for each in Outcome if each in outcomes}
