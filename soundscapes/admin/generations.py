"""Soundscapes and the workers that make them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from soundscapes.admin.images import ReadOnlyAdmin
from soundscapes.models import Export, Generation, Heartbeat, Layer, Rendition, SearchQuery
from soundscapes.models.jobs import State
from soundscapes.services import generations


class LayerInline(admin.TabularInline[Layer, Generation]):
    model = Layer
    fields = ("rank", "category", "score", "position", "kind", "gain_db", "reason")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Layer]:
        return super().get_queryset(request).select_related("category")

    def has_add_permission(self, _request: HttpRequest, _generation: object = None) -> bool:
        return False


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = (
        "id",
        "owner",
        "image",
        "state",
        "progress",
        "attempts",
        "duration",
        "created_at",
    )
    list_filter = ("state", "mode", "encoder_name", "created_at")
    list_select_related = ("owner", "image")
    search_fields = ("owner__username", "id")
    inlines = (LayerInline,)
    fields = (
        "owner",
        "image",
        "name",
        "parent",
        "is_favourite",
        "deleted_at",
        "state",
        "stage",
        "error",
        "attempts",
        "duration",
        "seed",
        "layer_count",
        "mode",
        "encoder_name",
        "loudness",
        "true_peak",
        "queued_at",
        "started_at",
        "finished_at",
        "plan",
    )
    actions = ("retry",)

    @admin.action(description="Retry the selected failed soundscapes")
    def retry(self, request: HttpRequest, chosen: QuerySet[Generation]) -> None:
        failed = list(chosen.filter(state=State.FAILED))
        for generation in failed:
            generations.restart_generation(generation)
        self.message_user(request, f"{len(failed)} soundscapes queued again.")


@admin.register(Layer)
class LayerAdmin(ReadOnlyAdmin):
    list_display = ("generation", "rank", "category", "score", "position", "kind", "reason")
    list_filter = ("rank", "category")
    list_select_related = ("generation__image", "category")


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ("generation", "format", "state", "progress", "attempts", "finished_at")
    list_filter = ("state", "format")
    list_select_related = ("generation__image",)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("owner", "state", "progress", "attempts", "size", "finished_at")
    list_filter = ("state",)
    list_select_related = ("owner",)


@admin.register(SearchQuery)
class SearchQueryAdmin(ReadOnlyAdmin):
    list_display = ("text", "encoder", "asked_at")
    list_filter = ("encoder", "asked_at")
    search_fields = ("text",)
    fields = ("text", "encoder", "asked_at")


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("beat_at",)
