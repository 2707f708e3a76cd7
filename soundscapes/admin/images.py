"""Admin of image sets, images and their matches."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from soundscapes.admin.deletion import CountedDeletion
from soundscapes.admin.forms import ImageUploadForm
from soundscapes.admin.support import (
    OperationsAdmin,
    ReadOnlyAdmin,
    UploadAdmin,
    administrator,
    counted,
    log,
    move_form,
    move_page,
    queue_each,
    thumbnail,
    upload_page,
)
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.reading import ACCEPTED, file_checksum
from soundscapes.http.uploads import bounded_photo, photo_bytes
from soundscapes.images import image_sets, images
from soundscapes.models import BatchJob, Embedding, Image, ImageSet, Similarity
from soundscapes.models.images import TOP
from soundscapes.operations import metrics


@admin.register(ImageSet)
class ImageSetAdmin(CountedDeletion, admin.ModelAdmin[ImageSet]):
    list_display = ("name", "cover_image", "is_active", "weight", "image_count", "upload_link")
    list_editable = ("is_active", "weight")
    list_filter = ("is_active",)
    list_select_related = ("cover",)
    search_fields = ("name",)
    readonly_fields = ("cover_image", "upload_link")
    fields = ("name", "description", "is_active", "weight", "cover_image", "upload_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageSet]:
        return ImageSet.objects.with_image_counts().select_related("cover").order_by("name")

    def save_model(
        self, _request: HttpRequest, image_set: ImageSet, _form: Any, _change: bool
    ) -> None:
        image_sets.save_set(image_set)

    @admin.display(description="images", ordering="image_count")
    def image_count(self, image_set: Any) -> SafeString:
        url = reverse("admin:soundscapes_image_changelist")
        return format_html(
            '<a href="{}?image_set__id__exact={}">{}</a>',
            url,
            image_set.pk,
            image_set.image_count,
        )

    @admin.display(description="cover")
    def cover_image(self, image_set: ImageSet) -> SafeString | str:
        return thumbnail(image_set.cover) if image_set.pk else "—"

    @admin.display(description="upload")
    def upload_link(self, image_set: ImageSet) -> SafeString | str:
        if not image_set.pk:
            return "Save the set first."
        url = reverse("admin:image_upload")
        return format_html('<a href="{}?set={}">Upload images</a>', url, image_set.pk)


class ImageForm(forms.ModelForm[Image]):
    upload = forms.FileField(label="Photo", required=False, help_text=f"{ACCEPTED}.")

    def clean_upload(self) -> UploadedFile[Any] | None:
        upload: UploadedFile[Any] | None = self.cleaned_data["upload"]
        return upload and bounded_photo(upload)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.checksum = self.instance.checksum
        if self.instance._state.adding and not self.has_error("upload"):
            self._read(cleaned.get("upload"))
        if "image_set" in self.fields:  # read-only for a user's image, which has none
            self._check_set(cleaned.get("image_set"), self.checksum)
        return cleaned

    def _read(self, upload: UploadedFile[Any] | None) -> None:
        if upload is None:
            self.add_error("upload", "Choose an image to upload.")
            return
        with photo_bytes(upload) as data:
            self.checksum = file_checksum(data)
            try:
                self.photo = images.check_photo(data)
            except PhotoError as error:
                self.add_error("upload", str(error))

    def _check_set(self, image_set: ImageSet | None, checksum: str) -> None:
        if image_set is None:
            self.add_error("image_set", "Choose the set that this image belongs to.")
        elif image_sets.has_image(image_set, checksum, besides=self.instance):
            self.add_error("image_set", "The set already contains this image.")


@admin.register(Image)
class ImageAdmin(UploadAdmin, CountedDeletion, admin.ModelAdmin[Image]):
    form = ImageForm
    change_list_template = "admin/soundscapes/image/change_list.html"
    list_display = (
        "preview",
        "title",
        "author",
        "licence",
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
    list_per_page = 50
    search_fields = ("title", "author", "owner__username")
    credit_fields = ("image_set", "title", "author", "licence", "source")
    facts = ("preview", "owner", "state", "stage", "error", "width", "height", "checksum")
    readonly_fields = facts
    actions = ("move", "use_as_cover", "encode_again", "delete_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        """Hide users' images from staff who are not superusers."""
        rows = super().get_queryset(request)
        is_superuser = administrator(request).is_superuser
        return rows if is_superuser else rows.filter(image_set__isnull=False)

    def get_fields(self, _request: HttpRequest, image: Image | None = None) -> tuple[str, ...]:
        return self.credit_fields + (("upload",) if image is None else self.facts)

    def get_readonly_fields(
        self, _request: HttpRequest, image: Image | None = None
    ) -> tuple[str, ...]:
        owned = image is not None and image.owner_id is not None
        return (*self.facts, "image_set") if owned else self.facts

    def save_model(self, _request: HttpRequest, image: Image, form: Any, change: bool) -> None:
        if change:
            image_sets.edit_image(image)
        else:
            image.pk = images.add_to_set(image, images.files_of(form.photo, form.checksum)).pk

    @admin.display(description="image")
    def preview(self, image: Image) -> SafeString | str:
        return thumbnail(image)

    def get_urls(self) -> list[URLPattern]:
        upload = self.admin_site.admin_view(self.upload_view)
        return [path("upload/", upload, name="image_upload"), *super().get_urls()]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        chosen = {"image_set": request.GET.get("set")}
        form = ImageUploadForm(request.POST or None, request.FILES or None, initial=chosen)
        return upload_page(request, self, form, BatchJob.Kind.IMAGES, title="Upload images")

    @admin.action(description="Move to another set", permissions=["change"])
    def move(self, request: HttpRequest, chosen: QuerySet[Image]) -> HttpResponse | None:
        form = move_form(request, ImageSet.objects.all(), "Image set")
        if not form.is_valid():
            return move_page(request, self, chosen, form)
        target = form.cleaned_data["target"]
        moved, refused = image_sets.move(chosen, target)
        log(request, moved, f"Moved to the set “{target}”.")
        if refused:
            messages.warning(
                request,
                f"Not moved: {len(refused)}. The set already contains them, or they belong to a "
                "user.",
            )
        messages.success(request, f"{counted(len(moved), Image)} moved to “{target}”.")
        return None

    @admin.action(description="Use as the cover of its set", permissions=["change"])
    def use_as_cover(self, request: HttpRequest, chosen: QuerySet[Image]) -> None:
        try:
            image_set = image_sets.use_as_cover(list(chosen[:2]))
        except image_sets.SetError as error:
            messages.error(request, str(error))
            return
        log(request, [image_set], "Cover chosen.")
        messages.success(request, f"“{image_set}” has a new cover.")

    @admin.action(description="Encode and match again", permissions=["change"])
    def encode_again(self, request: HttpRequest, chosen: QuerySet[Image]) -> HttpResponse:
        log(request, chosen, "Queued for encoding.")
        return queue_each(request, chosen, BatchJob.Kind.ENCODE, "images")


class RankFilter(admin.SimpleListFilter):
    """Offers only the best ranks: a query for the existing ranks would be slow."""

    title = parameter_name = "rank"

    def lookups(self, *_args: object) -> list[tuple[str, str]]:
        return [(str(rank), str(rank)) for rank in range(1, TOP + 1)]

    def queryset(self, _request: HttpRequest, rows: QuerySet[Similarity]) -> QuerySet[Similarity]:
        value = self.value()
        return rows.filter(rank=value) if value in dict(self.lookup_choices) else rows


class EncoderFilter(admin.SimpleListFilter):
    title = parameter_name = "encoder"

    def lookups(self, *_args: object) -> list[tuple[str, str]]:
        return metrics.encoders()

    def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.filter(encoder=self.value()) if self.value() else rows


@admin.register(Similarity)
class SimilarityAdmin(ReadOnlyAdmin):
    list_display = (
        "picture",
        "image",
        "rank",
        "category",
        "score",
        "confidence",
        "position",
        "y",
        "encoder_name",
    )
    list_filter = (RankFilter, EncoderFilter, "category")
    shown_with = ("image", "category")
    ordering = ("-pk",)
    search_fields = ("image__title",)

    @admin.display(description="image")
    def picture(self, similarity: Similarity) -> SafeString | str:
        return thumbnail(similarity.image)


@admin.register(Embedding)
class EmbeddingAdmin(OperationsAdmin):
    list_display = ("image", "encoder", "created_at")
    list_filter = (EncoderFilter,)
    shown_with = ("image",)
    fields = ("image", "encoder", "labels", "created_at")
