"""Admin of soundscapes, what belongs to them, and the workers."""

import json
from datetime import datetime
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import pluralize
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from soundscapes.admin.deletion import CountedDeletion
from soundscapes.admin.support import OperationsAdmin, ReadOnlyAdmin, log, thumbnail
from soundscapes.generations import generations, welcome
from soundscapes.http.access import signed_in_user
from soundscapes.http.ranges import sound_response
from soundscapes.limits.admission import BacklogError
from soundscapes.models import (
    Export,
    Feed,
    Generation,
    Heartbeat,
    JournalEntry,
    Layer,
    Listener,
    Preview,
    Rendition,
    SearchQuery,
    ShareLink,
    State,
    Stream,
    StreamBlock,
    User,
)
from soundscapes.models.generations import GenerationQuerySet


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
class GenerationAdmin(CountedDeletion, ReadOnlyAdmin):
    list_display = (
        "picture",
        "title",
        "status",
        "owner",
        "failure",
        "attempts",
        "duration",
        "took",
        "created_at",
    )
    list_display_links = ("picture", "title")
    list_filter = ("state", "mode", "encoder_name", "created_at")
    shown_with = ("owner", "image", "layers__category")
    list_per_page = 50
    view_on_site = False  # only its owner can open its page
    search_fields = ("owner__username", "id", "name", "image__title")
    inlines = (LayerInline,)
    readonly_fields = ("status", "player", "timings", "readable_plan")
    fields = (
        "status",
        "player",
        "owner",
        "image",
        "name",
        "remix_name",
        "origin",
        "is_favourite",
        "deleted_at",
        "stage",
        "error",
        "attempts",
        "timings",
        "duration",
        "seed",
        "layer_count",
        "mode",
        "parent",
        "encoder_name",
        "loudness",
        "true_peak",
        "readable_plan",
    )
    actions = ("retry", "cancel", "delete_selected")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Generation]:
        """Defer long columns."""
        return super().get_queryset(request).defer("plan", "peaks", "layer_choices")

    @admin.display(description="image")
    def picture(self, generation: Generation) -> SafeString | str:
        return thumbnail(generation.image)

    @admin.display(description="state", ordering="state")
    def status(self, generation: Generation) -> SafeString:
        return format_html(
            '<span class="state {}">{}</span>', generation.state, generation.get_state_display()
        )

    @admin.display(description="error", ordering="error")
    def failure(self, generation: Generation) -> str:
        return generation.error[:120] or "—"

    @admin.display(description="time taken")
    def took(self, generation: Generation) -> str:
        return _seconds(generation.queued_at, generation.finished_at)

    @admin.display(description="audio")
    def player(self, generation: Generation) -> SafeString | str:
        if generation.state != State.READY:
            return "—"
        url = reverse("admin:generation_sound", args=[generation.pk])
        return format_html('<audio controls preload="none" src="{}"></audio>', url)

    @admin.display(description="timings")
    def timings(self, generation: Generation) -> str:
        mixing = generation.mixing_at
        return (
            f"{_seconds(generation.queued_at, generation.started_at)} waiting, "
            f"{_seconds(generation.started_at, mixing)} matching and planning, "
            f"{_seconds(mixing, generation.finished_at)} mixing"
        )

    @admin.display(description="plan")
    def readable_plan(self, generation: Generation) -> SafeString | str:
        if not generation.plan:
            return "—"
        text = json.dumps(generation.plan, indent=1, ensure_ascii=False)
        return format_html(
            '<details><summary>Show</summary><pre class="plan">{}</pre></details>', text
        )

    def get_urls(self) -> list[URLPattern]:
        sound = self.admin_site.admin_view(require_safe(self.sound_view))
        return [path("<uuid:pk>/sound.wav", sound, name="generation_sound"), *super().get_urls()]

    def sound_view(self, request: HttpRequest, pk: UUID) -> HttpResponseBase:
        self._require(request, "view")
        return sound_response(request, get_object_or_404(Generation, pk=pk), "wav")

    @admin.action(description="Retry failed and cancelled soundscapes")
    def retry(self, request: HttpRequest, chosen: GenerationQuerySet) -> None:
        self._require(request, "change")
        rows, queued = list(chosen.to_retry()), []
        skipped = chosen.count() - len(rows)
        try:
            for generation in rows:
                generations.restart_generation(generation)
                queued.append(generation)
        except BacklogError as error:
            self.message_user(request, str(error), messages.WARNING)
        log(request, queued, "Retried.")
        self.message_user(request, f"{_soundscapes(len(queued))} queued.")
        self._skip(request, skipped, "Only failed and cancelled ones can be retried.")

    @admin.action(description="Cancel unfinished soundscapes")
    def cancel(self, request: HttpRequest, chosen: GenerationQuerySet) -> None:
        self._require(request, "change")
        rows = list(chosen.unfinished())
        skipped = chosen.count() - len(rows)
        for generation in rows:
            generations.cancel_generation(generation, BY_ADMINISTRATOR)
        log(request, rows, "Cancelled.")
        self.message_user(request, f"{_soundscapes(len(rows))} cancelled.")
        self._skip(request, skipped, "Only unfinished ones can be cancelled.")

    def _skip(self, request: HttpRequest, count: int, rule: str) -> None:
        if count:
            self.message_user(request, f"{_soundscapes(count)} skipped. {rule}", messages.WARNING)

    def _require(self, request: HttpRequest, verb: str) -> None:
        """Raise PermissionDenied if the user lacks a permission.

        ReadOnlyAdmin denies changes to everybody, so the actions check the permission themselves.
        """
        if not request.user.has_perm(f"soundscapes.{verb}_generation"):
            raise PermissionDenied


BY_ADMINISTRATOR = "An administrator cancelled this soundscape. You can start it again."


def _soundscapes(count: int) -> str:
    return f"{count} soundscape{pluralize(count)}"


def _seconds(start: datetime | None, end: datetime | None) -> str:
    return f"{(end - start).total_seconds():.1f} s" if start and end and end >= start else "—"


class PartAdmin(ReadOnlyAdmin):
    """Parts of soundscapes, listed with the image and the title of the soundscape."""

    list_display_links = ("picture", "soundscape")
    shown_with: tuple[str, ...] = ("generation__image", "generation__layers__category")

    @admin.display(description="image")
    def picture(self, part: Layer | Rendition | ShareLink) -> SafeString | str:
        return thumbnail(part.generation.image)

    @admin.display
    def soundscape(self, part: Layer | Rendition | ShareLink) -> str:
        return part.generation.title


@admin.register(Layer)
class LayerAdmin(PartAdmin):
    list_display = (
        "picture",
        "soundscape",
        "rank",
        "category",
        "score",
        "position",
        "kind",
        "reason",
    )
    list_filter = ("rank", "category")
    shown_with = (*PartAdmin.shown_with, "category")
    ordering = ("-pk",)


@admin.register(Rendition)
class RenditionAdmin(PartAdmin):
    list_display = (
        "picture",
        "soundscape",
        "format",
        "state",
        "progress",
        "attempts",
        "finished_at",
    )
    list_filter = ("state", "format")


@admin.register(Feed)
class FeedAdmin(ReadOnlyAdmin):
    """Podcast feeds. Deleting one revokes it; only its owner has seen its URL."""

    list_display = ("owner", "only_favourites", "created_at")
    shown_with = ("owner",)
    search_fields = ("owner__username",)
    fields = ("owner", "only_favourites", "created_at")


@admin.register(Stream)
class StreamAdmin(ReadOnlyAdmin):
    """Streams. Deleting one revokes it; only its owner has seen its URL."""

    list_display = ("owner", "soundscape", "created_at")
    shown_with = ("owner", "generation__image", "generation__layers__category")
    search_fields = ("owner__username",)
    fields = ("owner", "generation", "created_at")

    @admin.display(description="soundscape")
    def soundscape(self, stream: Stream) -> str:
        return str(stream)


@admin.register(Preview)
class PreviewAdmin(ReadOnlyAdmin):
    list_display = ("generation", "place", "category", "state", "attempts", "finished_at")
    list_filter = ("state",)
    shown_with = ("generation__image", "category")


@admin.register(ShareLink)
class ShareLinkAdmin(PartAdmin):
    """Share links. Deleting one revokes it. The token is hidden: only its owner may see it."""

    list_display = (
        *("picture", "soundscape", "owner", "shows_picture", "is_welcome"),
        *("created_at", "expires_at"),
    )
    list_filter = ("shows_picture", "is_welcome", "created_at", "expires_at")
    shown_with = (*PartAdmin.shown_with, "generation__owner")
    search_fields = ("generation__owner__username",)
    fields = ("generation", "owner", "shows_picture", "is_welcome", "created_at", "expires_at")
    actions = ("show_on_welcome_page", "delete_selected")

    @admin.display(ordering="generation__owner")
    def owner(self, link: ShareLink) -> User:
        return link.generation.owner

    @admin.action(description="Show on the welcome page, or hide there")
    def show_on_welcome_page(self, request: HttpRequest, chosen: QuerySet[ShareLink]) -> None:
        if not request.user.has_perm("soundscapes.change_sharelink"):
            raise PermissionDenied
        if chosen.count() != 1:
            self.message_user(request, "Select one link.", messages.WARNING)
            return
        link = chosen.get()
        try:
            is_shown = welcome.toggle(signed_in_user(request), link)
        except welcome.WelcomeError as error:
            self.message_user(request, str(error), messages.WARNING)
            return
        words = "Shown on the welcome page." if is_shown else "Hidden from the welcome page."
        log(request, [link], words)
        self.message_user(request, words)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("owner", "state", "progress", "attempts", "size", "finished_at")
    list_filter = ("state",)
    shown_with = ("owner",)


@admin.register(StreamBlock)
class StreamBlockAdmin(OperationsAdmin):
    """Minutes of streams, which are made while somebody listens."""

    list_display = ("generation", "number", "fades", "state", "attempts", "used_at")
    list_filter = ("state",)
    shown_with = ("generation__image",)


@admin.register(Listener)
class ListenerAdmin(OperationsAdmin):
    """Players that are connected to a stream now."""

    list_display = ("owner", "seen_at")
    shown_with = ("stream__owner",)

    @admin.display
    def owner(self, listener: Listener) -> str:
        return listener.stream.owner.username


@admin.register(SearchQuery)
class SearchQueryAdmin(OperationsAdmin):
    list_display = ("text", "encoder", "asked_at")
    list_filter = ("encoder", "asked_at")
    search_fields = ("text",)
    fields = ("text", "encoder", "asked_at")


@admin.register(Heartbeat)
class HeartbeatAdmin(OperationsAdmin):
    list_display = ("host", "beat_at")


@admin.register(JournalEntry)
class JournalEntryAdmin(OperationsAdmin):
    """Journal entries. Old ones belong to a killed process and wait for the next heartbeat."""

    list_display = ("__str__", "process", "noted_at")
