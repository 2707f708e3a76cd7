"""Admin of categories."""

from collections.abc import Callable, Collection
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from soundscapes.admin.deletion import CountedDeletion
from soundscapes.admin.support import administrator, counted, follow, log
from soundscapes.images import matching
from soundscapes.imports import batch_jobs, prompt_trials
from soundscapes.models import BatchJob, Category
from soundscapes.models.categories import CategoryQuerySet
from soundscapes.operations import metrics
from soundscapes.sounds import catalogue, categories


class LinesField(forms.CharField):
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
        help_text="What an image of a place with this sound shows, not the sound itself. "
        "One description per line. The offline encoder adds what its classifier says.",
        error_messages={
            "required": "Enter at least one description of what an image with this sound shows."
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "slug" in self.fields:
            self.fields["slug"].required = False
            self.fields["slug"].help_text += " Leave empty to make it from the label."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("slug") == "":
            cleaned["slug"] = slugify(cleaned.get("label", "")).replace("-", "_")[:50]
            if not cleaned["slug"]:
                self.add_error("slug", "Enter a slug, for example sea_waves.")
        return cleaned


def count_column(description: str, field: str) -> Callable[[Any, Any], int]:
    @admin.display(description=description, ordering=field)
    def count(_admin: Any, category: Any) -> int:
        return int(getattr(category, field))

    return count


@admin.register(Category)
class CategoryAdmin(CountedDeletion, admin.ModelAdmin[Category]):
    form = CategoryForm
    change_form_template = "admin/soundscapes/category/change_form.html"
    list_display = (
        "label",
        "group",
        "short_kind",
        "gain_db",
        "clip_count",
        "esc50_clips",
        "uploaded_clips",
        "synthesised_clips",
        "firsts",
        "seconds",
        "thirds",
        "sources",
        "is_enabled",
    )
    list_editable = ("gain_db", "sources", "is_enabled")
    list_filter = ("is_enabled", "sources", "kind", "group")
    list_per_page = 50
    search_fields = ("label", "slug")
    readonly_fields = ("slug", "target", "found")
    facts = ("target", "found")
    fields = (
        "label",
        "slug",
        "target",
        "group",
        "kind",
        "gain_db",
        "sources",
        "recipe",
        "is_enabled",
        "prompts",
        "found",
    )
    actions = ("play_recordings", "play_synthesised", "delete_selected")

    def get_queryset(self, _request: HttpRequest) -> CategoryQuerySet:
        slug = matching.current_encoder().slug
        return metrics.with_rank_counts(Category.objects.with_source_counts(), slug)

    @admin.display(description="kind", ordering="kind")
    def short_kind(self, category: Category) -> str:
        return category.get_kind_display().partition(":")[0]

    def get_readonly_fields(
        self, request: HttpRequest, category: Category | None = None
    ) -> tuple[str, ...]:
        return () if category is None else tuple(super().get_readonly_fields(request, category))

    def get_fields(self, _request: HttpRequest, category: Category | None = None) -> Any:
        hidden = self.facts if category is None else ("recipe",) * category.is_shipped
        return [name for name in self.fields if name not in hidden]

    def save_model(self, request: HttpRequest, category: Category, form: Any, change: bool) -> None:
        if change:
            catalogue.edit_category(category, form.changed_data)
        else:
            categories.add_category(category)
            _ask_for_clips(request, category)

    def get_deleted_objects(
        self, objs: Collection[Any], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        obstacles = list(categories.obstacles(objs))
        if obstacles:
            return [], {}, set(), obstacles
        return super().get_deleted_objects(objs, request)

    def delete_model(self, _request: HttpRequest, category: Category) -> None:
        categories.delete_category(category)

    def delete_queryset(self, _request: HttpRequest, chosen: QuerySet[Any]) -> None:
        for category in chosen:
            categories.delete_category(category)

    clip_count = count_column("clips", "clip_count")
    esc50_clips = count_column("ESC-50", "esc50_count")
    uploaded_clips = count_column("uploads", "upload_count")
    synthesised_clips = count_column("synthesised", "synthesised_count")
    firsts = count_column("first", "first_count")
    seconds = count_column("second", "second_count")
    thirds = count_column("third", "third_count")

    @admin.display(description="rankings")
    def found(self, category: Any) -> str:
        return (
            f"{category.first_count} times first, {category.second_count} times second, "
            f"{category.third_count} times third, in the images of all sets and the "
            f"{metrics.LATEST} latest images of users"
        )

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Handle the button that tests a new category without saving it."""
        if request.method == "POST" and "_try" in request.POST:
            tried = self._try_new(request)
            if tried is not None:
                return tried
        return super().add_view(request, form_url, extra_context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Handle the button that tests the descriptions without saving them."""
        if request.method == "POST" and "_try" in request.POST:
            tried = self._try(request, object_id)
            if tried is not None:
                return tried
        return super().change_view(request, object_id, form_url, extra_context)

    def _try(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Start a trial and redirect to it. Return None if the form has errors to show."""
        category = self.get_object(request, object_id)
        if category is None or not self.has_change_permission(request, category):
            raise PermissionDenied
        stored = Category.objects.get(pk=category.pk)
        form = self.get_form(request, category)(request.POST, instance=category)
        if not form.is_valid():
            return None
        prompts = form.cleaned_data["prompts"]
        options = {"category": stored.pk, "prompts": prompts}
        url = reverse("admin:soundscapes_category_change", args=[stored.pk])
        return _start_trial(request, stored, options, url)

    def _try_new(self, request: HttpRequest) -> HttpResponse | None:
        """Start a trial of a category that exists only in the trial's options."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        if not form.is_valid():
            return None
        draft = {name: value for name, value in form.cleaned_data.items() if name != "recipe"}
        draft["recipe_id"] = form.cleaned_data["recipe"] and form.cleaned_data["recipe"].pk
        options = {"prompts": draft["prompts"], "draft": draft}
        url = reverse("admin:soundscapes_category_add")
        return _start_trial(request, form.instance, options, url)

    def get_urls(self) -> list[URLPattern]:
        keep = self.admin_site.admin_view(require_POST(self.keep_view))
        return [path("keep/<uuid:batch_job>/", keep, name="prompts_keep"), *super().get_urls()]

    def keep_view(self, request: HttpRequest, batch_job: Any) -> HttpResponse:
        if not self.has_change_permission(request):
            raise PermissionDenied
        trial = get_object_or_404(BatchJob, pk=batch_job, kind=BatchJob.Kind.PROMPTS)
        if "draft" in trial.options:
            return self._keep_new(request, trial.options)
        category = get_object_or_404(Category, pk=trial.options["category"])
        categories.describe(category, trial.options["prompts"])
        log(request, [category], "Tested descriptions saved.")
        messages.success(request, f"The tested descriptions of “{category}” were saved.")
        return HttpResponseRedirect(
            reverse("admin:soundscapes_category_change", args=[category.pk])
        )

    def _keep_new(self, request: HttpRequest, options: dict[str, Any]) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        category = Category(**options["draft"])
        try:
            categories.add_category(category)
        except categories.CategoryError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:soundscapes_category_changelist"))
        log(request, [category], "Added after a test.")
        _ask_for_clips(request, category)
        return HttpResponseRedirect(
            reverse("admin:soundscapes_category_change", args=[category.pk])
        )

    @admin.action(
        description="Prefer recordings in the selected categories",
        permissions=["change"],
    )
    def play_recordings(self, request: HttpRequest, chosen: CategoryQuerySet) -> None:
        self._play(request, chosen, Category.Sources.RECORDINGS_FIRST)

    @admin.action(
        description="Use only synthesised clips in the selected categories",
        permissions=["change"],
    )
    def play_synthesised(self, request: HttpRequest, chosen: CategoryQuerySet) -> None:
        self._play(request, chosen, Category.Sources.SYNTHESISED)

    def _play(
        self, request: HttpRequest, chosen: CategoryQuerySet, sources: Category.Sources
    ) -> None:
        rows = categories.play(chosen, sources)
        log(request, rows, f"Clips to use: {sources.label.lower()}.")
        done = counted(len(rows), Category)
        self.message_user(request, f"{done} set to: {sources.label.lower()}.")


def _start_trial(
    request: HttpRequest, category: Category, options: dict[str, Any], form_url: str
) -> HttpResponse:
    images = prompt_trials.choose_images(category)
    if not images:
        messages.error(request, "There are no images to test with. Upload some to a set.")
        return HttpResponseRedirect(form_url)
    options["images"] = [str(image.pk) for image in images]
    user, kind = administrator(request), BatchJob.Kind.PROMPTS
    return follow(request, batch_jobs.create_batch_job(user, kind, category.label, options))


def _ask_for_clips(request: HttpRequest, category: Category) -> None:
    url = f"{reverse('admin:clip_upload')}?category={category.pk}"
    messages.info(
        request,
        format_html(
            'Now <a href="{}">upload clips of “{}”</a>. Images are matched with it as soon as it '
            "has one, be it of another category's synthesised ones.",
            url,
            category,
        ),
    )
