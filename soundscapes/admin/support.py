"""Shared parts of the admin."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import model_ngettext
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soundscapes.admin.forms import BundleForm, MoveForm
from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Image, User

DRY_RUN = (
    "This checks the files without saving them. The report lists new, existing and rejected files. "
    "You then decide whether to import the new ones."
)


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Rows that the application creates.

    Prefetches the related rows of a page, because SQLite would sort the whole join.
    """

    shown_with: tuple[str, ...] = ()
    list_select_related = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related(*self.shown_with)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        return False


class OperationsAdmin(ReadOnlyAdmin):
    """Internal tables, listed under "Operations" (config/admin.py).

    Only the application creates and deletes these rows, not even superusers.
    """

    is_operations = True

    def get_actions(self, _request: HttpRequest) -> dict[str, Any]:
        """Return no actions: django-q2's would submit finished tasks again."""
        return {}

    def has_delete_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        return False


class UploadAdmin(admin.ModelAdmin[Any]):
    """Decode and store an upload outside Django's transaction, for which all writers would wait.

    The services open their own for the rows.
    """

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        arguments = (request, object_id, form_url, extra_context)
        if request.FILES:
            answer: HttpResponse = self._changeform_view(*arguments)  # type: ignore[attr-defined]
            return answer
        return super().changeform_view(*arguments)


def thumbnail(image: Image | None) -> SafeString | str:
    """Return an image element, or "private" for a user's image."""
    if image is None:
        return "—"
    if image.owner_id is not None:
        return "private"
    url = reverse("thumbnail", args=[image.pk])
    return format_html(
        '<img class="preview" src="{}" alt="{}" loading="lazy">', url, image.description
    )


def administrator(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def log(request: HttpRequest, rows: Sequence[Model] | QuerySet[Any], words: str) -> None:
    chosen = list(rows)
    if chosen:
        LogEntry.objects.log_actions(administrator(request).pk, chosen, CHANGE, words)


def counted(count: int, model: type[Model]) -> str:
    """Return a number with the model's name, such as "1 clip" or "2 categories"."""
    return f"{count} {model_ngettext(model._meta, count)}"


def follow(request: HttpRequest, batch_job: BatchJob) -> HttpResponseRedirect:
    log(request, [batch_job], f"{batch_job.get_kind_display()} started.")
    return HttpResponseRedirect(reverse("admin:soundscapes_batchjob_change", args=[batch_job.pk]))


def form_page(
    request: HttpRequest,
    model_admin: admin.ModelAdmin[Any],
    form: forms.Form,
    *,
    title: str,
    button: str,
    **extra: Any,
) -> TemplateResponse:
    fieldsets = [(None, {"fields": list(form.fields)})]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "opts": model_admin.opts,
        "media": model_admin.media + form.media,
        "adminform": AdminForm(form, fieldsets, {}),  # type: ignore[arg-type]
        "form": form,
        "button": button,
        **extra,
    }
    return TemplateResponse(request, "admin/form_page.html", context)


def upload_page(
    request: HttpRequest,
    model_admin: admin.ModelAdmin[Any],
    form: BundleForm,
    kind: BatchJob.Kind,
    title: str,
) -> HttpResponse:
    """Show the form of an upload of many files; queue the dry run once it is valid."""
    if not model_admin.has_add_permission(request):
        raise PermissionDenied
    if not form.is_valid():
        return form_page(
            request, model_admin, form, title=title, button="Check files", intro=DRY_RUN
        )
    target = form.cleaned_data[form.target]
    batch_job = batch_jobs.create_batch_job(
        administrator(request),
        kind,
        str(target),
        {form.target: target.pk, "credit": form.credit()},
        uploads=form.uploads,
        is_trial=True,
    )
    return follow(request, batch_job)


def queue_each(
    request: HttpRequest, chosen: QuerySet[Any], kind: BatchJob.Kind, option: str
) -> HttpResponseRedirect:
    """Queue work on the chosen rows, whose keys become an option of the job."""
    keys = [str(key) for key in chosen.values_list("pk", flat=True)]
    subject = counted(len(keys), chosen.model)
    return follow(
        request,
        batch_jobs.create_batch_job(administrator(request), kind, subject, {option: keys}),
    )


def move_form(request: HttpRequest, targets: QuerySet[Any], label: str) -> MoveForm:
    """Return the form, which is unbound on the first request."""
    form = MoveForm(request.POST if "target" in request.POST else None)
    field = form.fields["target"]
    field.queryset, field.label = targets, label  # type: ignore[attr-defined]
    return form


def move_page(
    request: HttpRequest, model_admin: admin.ModelAdmin[Any], chosen: QuerySet[Any], form: MoveForm
) -> TemplateResponse:
    return form_page(
        request,
        model_admin,
        form,
        title=f"Move {counted(chosen.count(), chosen.model)}",
        button="Move",
        chosen=[str(key) for key in chosen.values_list("pk", flat=True)],
        action=request.POST["action"],
    )
