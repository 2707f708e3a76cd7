"""Admin of batch jobs: progress and reports."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST

from soundscapes.admin.support import ReadOnlyAdmin, administrator, log
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob
from soundscapes.models.batch_jobs import Outcome

SHOWN_ROWS = 500
CONFIRMED = "Confirmed. The import is running."
NEEDED = {
    BatchJob.Kind.IMAGES: "soundscapes.add_image",
    BatchJob.Kind.CLIPS: "soundscapes.add_clip",
    BatchJob.Kind.ESC50: "soundscapes.add_clip",
    BatchJob.Kind.ENCODE: "soundscapes.change_image",
    BatchJob.Kind.MEASURE: "soundscapes.change_clip",
    BatchJob.Kind.PROMPTS: "soundscapes.change_category",
    BatchJob.Kind.WEIGHTS: "soundscapes.change_category",
    BatchJob.Kind.BANK: "soundscapes.change_category",
    BatchJob.Kind.ENCODER: "soundscapes.change_category",
}
"""The permission that each kind needs; it also allows to confirm, cancel and retry the job."""


@admin.register(BatchJob)
class BatchJobAdmin(ReadOnlyAdmin):
    change_form_template = "admin/soundscapes/batchjob/change_form.html"
    list_display = ("created_at", "kind", "subject", "created_by", "is_trial", "status", "result")
    list_filter = ("kind", "state", "created_at")
    shown_with = ("created_by",)
    list_per_page = 20  # a report may have thousands of rows
    search_fields = ("subject", "created_by__username")

    def get_queryset(self, request: HttpRequest) -> QuerySet[BatchJob]:
        """Hide other users' encoding jobs: their reports may name private images."""
        rows = super().get_queryset(request)
        user = administrator(request)
        if user.is_superuser:
            return rows
        return rows.exclude(~Q(created_by=user), kind=BatchJob.Kind.ENCODE)

    @admin.display(description="state", ordering="state")
    def status(self, batch_job: BatchJob) -> SafeString:
        return format_html('<span class="state {}">{}</span>', batch_job.state, batch_job.standing)

    @admin.display(description="result")
    def result(self, batch_job: BatchJob) -> str:
        return ", ".join(f"{count} {label.lower()}" for label, count in batch_job.counts.items())

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<uuid:pk>/progress/", wrap(self.progress), name="batch_job_progress"),
            path("<uuid:pk>/do/<slug:step>/", wrap(require_POST(self.step)), name="batch_job_step"),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch_job = self.get_object(request, object_id)
        context = self._report(request, batch_job) if batch_job is not None else {}
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def progress(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        batch_job = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self.has_view_permission(request, batch_job):
            raise PermissionDenied
        context = self._report(request, batch_job)
        return render(request, "admin/soundscapes/batchjob/report.html", context)

    def step(self, request: HttpRequest, pk: UUID, step: str) -> HttpResponseRedirect:
        batch_job = get_object_or_404(self.get_queryset(request), pk=pk)
        if not self._may_act(request, batch_job):
            raise PermissionDenied
        words = self._act(batch_job, step)
        if words:
            log(request, [batch_job], words)
            messages.success(request, words)
        else:
            messages.warning(request, "The job has changed in the meantime. Nothing was done.")
        return HttpResponseRedirect(reverse("admin:soundscapes_batchjob_change", args=[pk]))

    def _act(self, batch_job: BatchJob, step: str) -> str:
        """Return a message about what was done, empty if the step was not possible."""
        if step == "confirm" and batch_jobs.confirm(batch_job):
            return CONFIRMED
        if step == "cancel" and batch_jobs.cancel(batch_job):
            return "Cancelled."
        if step == "retry" and batch_jobs.retry(batch_job):
            return "Queued. The job continues where it stopped."
        return ""

    def _may_act(self, request: HttpRequest, batch_job: BatchJob) -> bool:
        needed = NEEDED[BatchJob.Kind(batch_job.kind)]
        return self.has_view_permission(request, batch_job) and request.user.has_perm(needed)

    def _report(self, request: HttpRequest, batch_job: BatchJob) -> dict[str, Any]:
        new = sum(row["outcome"] == Outcome.NEW for row in batch_job.rows)
        may_act = self._may_act(request, batch_job)
        return {
            "title": "Report",
            "batch_job": batch_job,
            "rows": [
                row | {"label": Outcome(row["outcome"]).label}
                for row in batch_job.rows[:SHOWN_ROWS]
            ],
            "left_out": max(0, len(batch_job.rows) - SHOWN_ROWS),
            "may_act": may_act,
            "new": new,
            "draft_query": _draft_query(batch_job.options),
        }


def _draft_query(options: dict[str, Any]) -> str:
    """Return the query that fills the form of a new category with a tested one."""
    if "draft" not in options:
        return ""
    values = {name: "" if value is False else value for name, value in options["draft"].items()}
    values |= {"recipe": values.pop("recipe_id") or "", "prompts": "\n".join(options["prompts"])}
    return urlencode(values)
