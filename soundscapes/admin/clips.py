"""Admin of clips: uploads, credits and playback."""

from collections.abc import Collection
from typing import Any, BinaryIO, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soundscapes.admin.deletion import CountedDeletion
from soundscapes.admin.forms import ClipUploadForm, Esc50Form
from soundscapes.admin.support import (
    UploadAdmin,
    administrator,
    counted,
    follow,
    form_page,
    log,
    move_form,
    move_page,
    queue_each,
    upload_page,
)
from soundscapes.engine.recordings.reading import ACCEPTED
from soundscapes.http.uploads import bounded
from soundscapes.imports import batch_jobs, clip_imports
from soundscapes.models import BatchJob, Category, Clip, Generation
from soundscapes.sounds import clips
from soundscapes.templatetags.presentation import waveform_path


class ClipForm(forms.ModelForm[Clip]):
    upload = forms.FileField(
        label="Recording",
        required=False,
        help_text=f"{ACCEPTED}, 0.2 s to 10 minutes. It is stored as WAV at 44.1 kHz.",
    )
    recording: clips.Recording | None = None

    def clean_upload(self) -> UploadedFile[Any] | None:
        upload: UploadedFile[Any] | None = self.cleaned_data["upload"]
        return upload and bounded(upload, clip_imports.MAX_BYTES, "Cut it or export it as FLAC.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance._state.adding or self.instance.source == Clip.Source.UPLOAD:
            self._require_source(cleaned)
        if self.instance._state.adding and not self.has_error("upload"):
            self._decode(cleaned.get("upload"))
        return cleaned

    def _require_source(self, cleaned: dict[str, Any]) -> None:
        if not (cleaned.get("collection") or cleaned.get("url") or self.has_error("url")):
            self.add_error("collection", "Enter where it comes from, here or as a URL.")

    def _decode(self, upload: UploadedFile[Any] | None) -> None:
        if upload is None:
            self.add_error("upload", "Choose a recording to upload.")
            return
        try:
            self.recording = clips.read_recording(cast(BinaryIO, upload.file), is_apart=True)
        except clips.ClipError as error:
            self.add_error("upload", str(error))
            return
        if clips.is_known(self.recording):
            self.add_error("upload", "This recording already exists as a clip.")


@admin.register(Clip)
class ClipAdmin(UploadAdmin, CountedDeletion, admin.ModelAdmin[Clip]):
    form = ClipForm
    change_list_template = "admin/soundscapes/clip/change_list.html"
    list_display = (
        "title",
        "category",
        "waveform",
        "player",
        "seconds",
        "level",
        "source",
        "author",
        "licence",
        "is_enabled",
    )
    list_editable = ("is_enabled",)
    list_filter = ("source", "is_enabled", "category")
    list_select_related = ("category",)
    list_per_page = 50
    search_fields = ("title", "author", "category__label")
    credit_fields = (
        "title",
        "category",
        "words",
        "author",
        "licence",
        "collection",
        "url",
        "is_enabled",
    )
    facts = ("player", "waveform", "source", "seconds", "level", "checksum", "created_at")
    readonly_fields = facts
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ("enable", "disable", "move", "measure_again", "delete_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Clip]:
        """Leave out users' own recordings, which are private."""
        return super().get_queryset(request).filter(owner=None)

    def get_fields(self, _request: HttpRequest, clip: Clip | None = None) -> tuple[str, ...]:
        return self.credit_fields + (("upload",) if clip is None else self.facts)

    def save_model(self, _request: HttpRequest, clip: Clip, form: Any, change: bool) -> None:
        if change:
            clips.edit_clip(clip)
            return
        try:
            clips.add_clip(clip, form.recording)
        except IntegrityError:  # a form sent twice has stored it meanwhile
            clip.pk = Clip.objects.shared().get(checksum=clip.checksum).pk

    def get_deleted_objects(
        self, objs: Collection[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        names, counts, lacking, protected = super().get_deleted_objects(objs, request)
        named = Generation.objects.named_clips([clip.checksum for clip in objs])
        protected += [
            f"{clip}, without which soundscapes cannot be rendered again. Disable it instead."
            for clip in objs
            if clip.checksum in named
        ]
        return names, counts, lacking, protected

    @admin.display(description="duration (s)", ordering="duration")
    def seconds(self, clip: Clip) -> str:
        return f"{clip.duration:.1f}"

    @admin.display(description="loudness (LUFS)", ordering="loudness")
    def level(self, clip: Clip) -> str:
        return f"{clip.loudness:.1f}"

    @admin.display(description="waveform")
    def waveform(self, clip: Clip) -> SafeString | str:
        if not clip.peaks:
            return "—"
        return format_html(
            '<svg class="waveform" viewBox="0 0 {} 100" preserveAspectRatio="none" '
            'role="img" aria-label="Waveform"><path d="{}"/></svg>',
            len(clip.peaks),
            waveform_path(clip.peaks),
        )

    @admin.display(description="audio")
    def player(self, clip: Clip) -> SafeString:
        return format_html(
            '<audio controls preload="none" src="{}"></audio>', reverse("clip_file", args=[clip.pk])
        )

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("upload/", wrap(self.upload_view), name="clip_upload"),
            path("esc50/", wrap(self.esc50_view), name="esc50_import"),
        ]
        return own + super().get_urls()

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        chosen = {"category": request.GET.get("category")}
        form = ClipUploadForm(request.POST or None, request.FILES or None, initial=chosen)
        return upload_page(request, self, form, BatchJob.Kind.CLIPS, title="Upload clips")

    def esc50_view(self, request: HttpRequest) -> HttpResponse:
        """Import ESC-50 in the worker, as `manage.py import_esc50` does."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        user = administrator(request)
        given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = Esc50Form(*given, takes_paths=user.is_superuser)
        if form.is_valid():
            upload, path = form.cleaned_data["upload"], form.cleaned_data.get("path", "")
            batch_job = batch_jobs.create_batch_job(
                user,
                BatchJob.Kind.ESC50,
                path or str(upload.name),
                {"path": path, "esc10_only": form.cleaned_data["esc10_only"]},
                uploads=[upload] if upload else [],
            )
            return follow(request, batch_job)
        return form_page(
            request, self, form, title="Import ESC-50", button="Import", intro=ABOUT_ESC50
        )

    @admin.action(description="Enable", permissions=["change"])
    def enable(self, request: HttpRequest, chosen: QuerySet[Clip]) -> None:
        self._set_enabled(request, chosen, True)

    @admin.action(description="Disable", permissions=["change"])
    def disable(self, request: HttpRequest, chosen: QuerySet[Clip]) -> None:
        self._set_enabled(request, chosen, False)

    def _set_enabled(self, request: HttpRequest, chosen: QuerySet[Clip], is_enabled: bool) -> None:
        changed = clips.set_enabled(chosen, is_enabled)
        done = "enabled" if is_enabled else "disabled"
        log(request, changed, f"{done.capitalize()}.")
        self.message_user(request, f"{counted(len(changed), Clip)} {done}.")

    @admin.action(description="Move to another category", permissions=["change"])
    def move(self, request: HttpRequest, chosen: QuerySet[Clip]) -> HttpResponse | None:
        form = move_form(request, Category.objects.all(), "Category")
        if not form.is_valid():
            return move_page(request, self, chosen, form)
        target = form.cleaned_data["target"]
        moved = clips.move(chosen, target)
        log(request, moved, f"Moved to “{target}”.")
        messages.success(request, f"{counted(len(moved), Clip)} moved to “{target}”.")
        return None

    @admin.action(
        description="Measure duration, loudness and waveform again", permissions=["change"]
    )
    def measure_again(self, request: HttpRequest, chosen: QuerySet[Clip]) -> HttpResponse:
        log(request, chosen, "Queued for measurement.")
        return queue_each(request, chosen, BatchJob.Kind.MEASURE, "clips")


ABOUT_ESC50 = (
    "ESC-50 as a whole is licensed under CC BY-NC, its ESC-10 subset under CC BY. Each recording "
    "keeps its author and licence, and soundscapes that use it credit both. Existing clips are not "
    "changed."
)
