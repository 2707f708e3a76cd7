"""Image sets and pictures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.matching.photos import file_checksum, read_photo
from soundscapes.models import Embedding, Image, ImageSet, Similarity
from soundscapes.services import images


@admin.register(ImageSet)
class ImageSetAdmin(admin.ModelAdmin[ImageSet]):
    list_display = ("name", "is_active", "image_count")
    list_editable = ("is_active",)
    list_filter = ("is_active",)
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageSet]:
        return super().get_queryset(request).annotate(image_count=Count("images"))

    @admin.display(description="pictures", ordering="image_count")
    def image_count(self, image_set: Any) -> int:
        return int(image_set.image_count)


class ImageForm(forms.ModelForm[Image]):
    """Credits; and, for a new picture of a set, the file itself."""

    upload = forms.FileField(label="Photo", required=False, help_text="JPEG, PNG or WebP.")
    photo: bytes = b""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        checksum = self.instance.checksum
        if self.instance._state.adding:
            checksum = self._read(cleaned.get("upload"))
        if "image_set" in self.fields:  # somebody's own picture has none
            self._check_set(cleaned.get("image_set"), checksum)
        return cleaned

    def _read(self, upload: UploadedFile[Any] | None) -> str:
        """The upload's checksum; empty where there is none."""
        if upload is None:
            self.add_error("upload", "Choose a photo to upload.")
            return ""
        self.photo = upload.read()
        try:
            read_photo(self.photo)
        except PhotoError as error:
            self.add_error("upload", str(error))
        return file_checksum(self.photo)

    def _check_set(self, image_set: ImageSet | None, checksum: str) -> None:
        if image_set is None:
            self.add_error("image_set", "Choose the set that this picture belongs to.")
        elif image_set.images.exclude(pk=self.instance.pk).filter(checksum=checksum).exists():
            self.add_error("image_set", "This picture is in that set already.")


@admin.register(Image)
class ImageAdmin(admin.ModelAdmin[Image]):
    form = ImageForm
    list_display = (
        "preview",
        "title",
        "owner",
        "image_set",
        "state",
        "width",
        "height",
        "created_at",
    )
    list_display_links = ("preview", "title")
    list_filter = ("image_set", "state", "created_at")
    list_select_related = ("owner", "image_set")
    search_fields = ("title", "author", "owner__username")
    credit_fields = ("image_set", "title", "author", "licence", "source")
    facts = ("preview", "owner", "state", "stage", "error", "width", "height", "checksum")
    readonly_fields = facts

    def get_fields(self, _request: HttpRequest, image: Image | None = None) -> tuple[str, ...]:
        return self.credit_fields + (("upload",) if image is None else self.facts)

    def get_readonly_fields(
        self, _request: HttpRequest, image: Image | None = None
    ) -> tuple[str, ...]:
        """Somebody's own picture stays theirs."""
        owned = image is not None and image.owner_id is not None
        return (*self.facts, "image_set") if owned else self.facts

    def save_model(self, request: HttpRequest, image: Image, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, image, form, change)
        else:
            images.add_to_set(image, form.photo)

    @admin.display(description="picture")
    def preview(self, image: Image) -> SafeString | str:
        """Pictures of sets; those of users are theirs alone."""
        if image.owner_id is not None:
            return "private"
        return format_html(
            '<img src="{}" alt="{}" height="60">',
            reverse("thumbnail", args=[image.pk]),
            image.description,
        )


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Results are made by the worker and looked at here."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _row: object = None) -> bool:
        return False


@admin.register(Similarity)
class SimilarityAdmin(ReadOnlyAdmin):
    list_display = ("image", "rank", "category", "score", "position", "encoder_name", "prompt")
    list_filter = ("rank", "encoder_name", "category")
    list_select_related = ("image", "category")
    search_fields = ("image__title",)


@admin.register(Embedding)
class EmbeddingAdmin(ReadOnlyAdmin):
    list_display = ("image", "encoder", "created_at")
    list_filter = ("encoder",)
    list_select_related = ("image",)
    fields = ("image", "encoder", "labels", "created_at")
