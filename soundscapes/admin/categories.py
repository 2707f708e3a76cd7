"""Categories and clips."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soundscapes.models import Category, Clip
from soundscapes.models.categories import CategoryQuerySet
from soundscapes.services import catalogue, clips


class LinesField(forms.CharField):
    """A list of texts as lines of a text area."""

    widget = forms.Textarea

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(data) != initial)


class CategoryForm(forms.ModelForm[Category]):
    prompts = LinesField(
        label="Descriptions",
        help_text="What one would see where this sounds, not what one would hear: one a line.",
    )


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin[Category]):
    form = CategoryForm
    list_display = (
        "label",
        "slug",
        "group",
        "kind",
        "gain_db",
        "clip_count",
        "sources",
        "is_enabled",
    )
    list_editable = ("gain_db", "sources", "is_enabled")
    list_filter = ("is_enabled", "sources", "kind", "group")
    search_fields = ("label", "slug")
    readonly_fields = ("slug", "target")
    fields = (
        "label",
        "slug",
        "target",
        "group",
        "kind",
        "gain_db",
        "sources",
        "is_enabled",
        "prompts",
    )
    actions = ("play_recordings", "play_synthesised")

    def get_queryset(self, _request: HttpRequest) -> CategoryQuerySet:
        return Category.objects.with_clip_counts()

    def save_model(
        self, _request: HttpRequest, category: Category, form: Any, _change: bool
    ) -> None:
        catalogue.edit_category(category, form.changed_data)

    @admin.display(description="clips", ordering="clip_count")
    def clip_count(self, category: Any) -> int:
        return int(category.clip_count)

    @admin.action(description="Play recordings, where the selected categories have any")
    def play_recordings(self, request: HttpRequest, chosen: CategoryQuerySet) -> None:
        self._play(request, chosen, Category.Sources.RECORDINGS_FIRST)

    @admin.action(description="Play synthesised sounds only in the selected categories")
    def play_synthesised(self, request: HttpRequest, chosen: CategoryQuerySet) -> None:
        self._play(request, chosen, Category.Sources.SYNTHESISED)

    def _play(
        self, request: HttpRequest, chosen: CategoryQuerySet, sources: Category.Sources
    ) -> None:
        changed = chosen.update(sources=sources)
        self.message_user(request, f"{changed} categories play: {sources.label.lower()}.")

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """The fifty are ESC-50's."""
        return False


class ClipForm(forms.ModelForm[Clip]):
    """Credits; and, for a new clip, the recording itself."""

    upload = forms.FileField(
        label="Recording",
        required=False,
        help_text="WAV, FLAC, OGG or MP3, 0.2 s to 10 minutes. It is kept as WAV at 44.1 kHz.",
    )
    recording: clips.Recording | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.instance._state.adding:
            self._decode(cleaned.get("upload"))
        return cleaned

    def _decode(self, upload: UploadedFile[Any] | None) -> None:
        if upload is None:
            self.add_error("upload", "Choose a recording to upload.")
            return
        try:
            self.recording = clips.read_recording(upload.read())
        except clips.ClipError as error:
            self.add_error("upload", str(error))
            return
        if clips.is_known(self.recording):
            self.add_error("upload", "This recording is a clip already.")


@admin.register(Clip)
class ClipAdmin(admin.ModelAdmin[Clip]):
    form = ClipForm
    list_display = ("title", "category", "source", "author", "licence", "seconds", "is_enabled")
    list_editable = ("is_enabled",)
    list_filter = ("source", "is_enabled", "category")
    list_select_related = ("category",)
    search_fields = ("title", "author", "category__label")
    credit_fields = (
        "title",
        "category",
        "author",
        "licence",
        "collection",
        "url",
        "is_enabled",
    )
    facts = ("player", "source", "seconds", "checksum", "created_at")
    readonly_fields = facts
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ("enable", "disable")

    def get_fields(self, _request: HttpRequest, clip: Clip | None = None) -> tuple[str, ...]:
        return self.credit_fields + (("upload",) if clip is None else self.facts)

    def save_model(self, request: HttpRequest, clip: Clip, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, clip, form, change)
        else:
            clips.add_clip(clip, form.recording)

    @admin.display(description="length (s)", ordering="duration")
    def seconds(self, clip: Clip) -> str:
        return f"{clip.duration:.1f}"

    @admin.display(description="sound")
    def player(self, clip: Clip) -> SafeString:
        return format_html(
            '<audio controls preload="none" src="{}"></audio>', reverse("clip_file", args=[clip.pk])
        )

    @admin.action(description="Enable the selected clips")
    def enable(self, request: HttpRequest, chosen: QuerySet[Clip]) -> None:
        self.message_user(request, f"{chosen.update(is_enabled=True)} clips enabled.")

    @admin.action(description="Disable the selected clips")
    def disable(self, request: HttpRequest, chosen: QuerySet[Clip]) -> None:
        self.message_user(request, f"{chosen.update(is_enabled=False)} clips disabled.")
