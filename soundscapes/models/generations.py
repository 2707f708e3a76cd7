"""Soundscapes with their settings, state and layers."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, StrIndex
from django.urls import reverse
from django.utils import timezone

from soundscapes.engine.layer_choices import LayerChoice, from_json
from soundscapes.engine.modes import CALM, FAITHFUL
from soundscapes.engine.sound.plan import MAX_DURATION, MIN_DURATION
from soundscapes.models.categories import KINDS, Category, NamingCategories
from soundscapes.models.jobs import (
    ACTIVE_STATES,
    RETRIED_STATES,
    Job,
    JobQuerySet,
    Row,
    State,
    unfinished_index,
)
from soundscapes.models.text import containing

if TYPE_CHECKING:
    from soundscapes.models.categories import Clip
    from soundscapes.models.images import Image
    from soundscapes.models.users import User

DEFAULT_DURATION = 30
DEFAULT_LAYERS = 3
MAX_LAYERS = 5
MAX_NAME = 100
MAX_REMIX_NAME = 60
MAX_SEED = 2**31 - 1
AROUND = re.compile(r"^\W+|\W+$")  # punctuation around a word
UNDO = timedelta(minutes=10)  # in which a deleted soundscape can be restored
QUICK = 120  # seconds of audio that take about a second to mix
LONG = 600  # seconds, beyond which a page should not hold a soundscape in memory
DESCRIBED = (
    *("id", "image_id", "parent_id", "remix_name", "origin", "state", "stage", "progress", "error"),
    *("duration", "seed", "layer_count", "mode", "encoder", "encoder_name", "loudness"),
    *("true_peak", "created_at", "finished_at"),
)
"""Columns that the API shows."""
DESCRIBED_LAYER = ("rank", "score", "position", "y", "extent", "kind", "gain_db", "reason")
RECENT = timedelta(hours=1)  # precision of the time of last use, which saves writes


class Mode(models.TextChoices):
    CALM = CALM, "Calm"
    FAITHFUL = FAITHFUL, "Faithful"


class GenerationQuerySet(JobQuerySet["Generation"]):
    def visible(self) -> Self:
        return self.filter(deleted_at=None)

    def claimable(self) -> Self:
        """Exclude soundscapes whose image is still being matched."""
        return super().claimable().exclude(image__state__in=ACTIVE_STATES)

    def show_matching(self, image: Image, stage: str, progress: int) -> None:
        """Copy an image's matching progress to the soundscapes that wait for it."""
        waiting = self.unfinished().filter(image=image, claimed_by="")
        waiting.update(state=State.MATCHING, stage=stage, progress=progress)

    def owned_by(self, user: User) -> Self:
        """Return the user's soundscapes, without deleted ones."""
        return self.filter(owner=user, deleted_at=None)

    def deleted_by(self, user: User) -> Self:
        return self.filter(owner=user, deleted_at__gt=timezone.now() - UNDO)

    def gone(self) -> Self:
        """Return soundscapes that can no longer be restored, unordered like unfinished()."""
        return self.filter(deleted_at__lte=timezone.now() - UNDO).order_by()

    def favourites(self) -> Self:
        return self.filter(is_favourite=True)

    def with_sound(self, category: str) -> Self:
        layers = Layer.objects.filter(generation=models.OuterRef("pk"), category__slug=category)
        return self.filter(models.Exists(layers))

    def made_between(self, since: date | None, until: date | None) -> Self:
        """Return soundscapes from both days and between; None leaves an end open."""
        found = self.filter(created_at__date__gte=since) if since else self
        return found.filter(created_at__date__lte=until) if until else found

    def with_audio(self) -> Self:
        return self.finished().exclude(audio="")

    def mark_used(self, generation: Generation) -> None:
        """Note that somebody listens; keeps its audio in the cache."""
        now = timezone.now()
        if generation.used_at < now - RECENT:
            self.filter(pk=generation.pk).update(used_at=now)

    def named_clips(self, checksums: Collection[str]) -> set[str]:
        """Return those of the clips that plans name, to render them again. It reads all plans."""
        rows = self.exclude(plan=None).order_by().values_list("plan__credits", "plan__others")
        lists = (each for row in rows.iterator() for each in row)
        named = {credit.get("clip") for each in lists for credit in each or ()}
        return named.intersection(checksums)

    def mentioning(self, clip: Clip) -> Self:
        """Return the soundscapes of a recording's owner, and copies, whose plans contain it.

        The database searches the text of these plans, because their credits have no index.
        """
        text = Cast("plan", models.TextField())
        able = self.filter(Q(owner=clip.owner_id) | ~Q(origin=""))
        return able.alias(at=StrIndex(text, models.Value(clip.checksum))).filter(at__gt=0)

    def named_categories(self, slugs: Collection[str]) -> set[str]:
        """Return those of the categories that plans, layers or remixes name. It reads all rows."""
        layers = Layer.objects.filter(category__slug__in=slugs).order_by()
        named = set(layers.values_list("category__slug", flat=True))
        rows = self.order_by().values_list("plan__layers", "layer_choices")
        for lists in rows.iterator():
            named |= {layer.get("category") for layers in lists for layer in layers or ()}
        return named.intersection(slugs)

    def search(self, words: str) -> Self:
        """Return soundscapes with every word in a title, their remix name or a category label.

        The titles are their own and their image's. Punctuation around words does not count.
        """
        labels = Category.objects.values_list("pk", "label")
        found = self
        for word in {AROUND.sub("", word) or word for word in words.split()}:
            fitting = Q(category__in=[pk for pk, label in labels if word.lower() in label.lower()])
            if Category.everything.filter(containing(word, "label"), is_private=True).exists():
                # Not listed by key: there may be thousands, each looked up for every soundscape.
                fitting |= Q(containing(word, "category__label"), category__is_private=True)
            layers = Layer.objects.filter(fitting, generation=models.OuterRef("pk"))
            in_titles = containing(word, "name", "remix_name", "image__title")
            found = found.filter(in_titles | models.Exists(layers))
        return found

    def using_storage(self) -> Self:
        """Return soundscapes that have files or will have them."""
        return self.filter(state__in=(*ACTIVE_STATES, State.READY))

    def to_retry(self) -> Self:
        return self.filter(state__in=RETRIED_STATES)

    def copies_of(self, original: Generation) -> Self:
        return self.filter(copied_from__generation=original)

    def versions_of(self, image: Image) -> Self:
        """Return the soundscapes of an image, oldest first."""
        return self.filter(image=image).order_by("created_at", "pk")

    def for_list(self) -> Self:
        layers = Layer.objects.select_related("category").defer("category__prompts")
        return self.select_related("image").prefetch_related(models.Prefetch("layers", layers))

    def for_api(self) -> models.QuerySet[Generation, Row]:
        """Select dicts of what the API shows, because models and whole plans take long."""
        rows: models.QuerySet[Generation, Row] = self.values(
            *DESCRIBED,
            credits_of_plan=F("plan__credits"),
            lists_layers=Q(plan__layers__0__isnull=False),
        )
        return rows


def file_path(generation: Generation, filename: str) -> str:
    return f"{generation.folder}/{filename}"


def stem_path(layer: Layer, filename: str) -> str:
    return file_path(layer.generation, filename)


class Generation(Job):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        "soundscapes.User", on_delete=models.CASCADE, related_name="generations"
    )
    image = models.ForeignKey(
        "soundscapes.Image", on_delete=models.CASCADE, related_name="generations"
    )
    duration = models.PositiveSmallIntegerField(
        default=DEFAULT_DURATION,
        validators=[MinValueValidator(MIN_DURATION), MaxValueValidator(MAX_DURATION)],
        help_text="Seconds.",
    )
    seed = models.PositiveIntegerField(help_text="The same seed gives the same audio.")
    layer_count = models.PositiveSmallIntegerField(
        default=DEFAULT_LAYERS,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_LAYERS)],
    )
    mode = models.CharField(
        max_length=10,
        choices=Mode,
        default=Mode.CALM,
        help_text="Calm plays startling sounds rarely and softly. Faithful plays the best matches.",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="remixes",
        help_text="The soundscape from which this remix was made.",
    )
    remix_name = models.CharField(
        "name of the remix",
        max_length=MAX_REMIX_NAME,
        blank=True,
        help_text="Tells the remixes of an image apart.",
    )
    copied_from = models.ForeignKey(
        "soundscapes.ShareLink",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="copies",
        help_text="The share link of another user from which it was copied, if it still exists.",
    )
    origin = models.CharField(
        max_length=500,
        blank=True,
        editable=False,
        help_text="The title of the original, if this is a copy.",
    )
    layer_choices = models.JSONField(
        default=list,
        blank=True,
        editable=False,
        help_text="The chosen layers of a remix; empty if the matching decides.",
    )
    name = models.CharField(
        "title",
        max_length=MAX_NAME,
        blank=True,
        help_text="If empty, the title lists the categories.",
    )
    is_favourite = models.BooleanField("favourite", default=False)
    deleted_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="It is deleted permanently ten minutes later.",
    )
    encoder = models.CharField(max_length=100, blank=True, editable=False)
    encoder_name = models.CharField(max_length=200, blank=True, editable=False)
    plan = models.JSONField(null=True, blank=True, editable=False)
    audio = models.FileField(
        upload_to=file_path,
        max_length=200,
        blank=True,
        editable=False,
        help_text="If empty, it is rendered from the plan when somebody asks for it.",
    )
    audio_checksum = models.CharField(max_length=64, blank=True, editable=False)
    loudness = models.FloatField(null=True, blank=True, editable=False, help_text="LUFS.")
    true_peak = models.FloatField(null=True, blank=True, editable=False, help_text="dBTP.")
    gain_db = models.FloatField(
        null=True,
        blank=True,
        editable=False,
        help_text="Gain of the mix in dB, for players; expected until it is measured.",
    )
    size = models.PositiveBigIntegerField(
        default=0,
        editable=False,
        help_text="Bytes of its files including conversions; an estimate until it is rendered.",
    )
    peaks = models.JSONField(default=list, blank=True, editable=False)
    used_at = models.DateTimeField(
        default=timezone.now, editable=False, help_text="When its audio was last asked for."
    )
    mixing_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When its plan was complete."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(name="generation_history", fields=["owner", "-created_at"]),
            models.Index(name="generation_jobs", fields=["owner", "-queued_at"]),
            models.Index(name="generation_latest", fields=["-created_at"]),
            models.Index(
                name="generation_storage", fields=["owner", "deleted_at", "state", "size", "id"]
            ),
            models.Index(name="generation_of_image", fields=["owner", "image", "-created_at"]),
            models.Index(
                name="generation_deleted",
                fields=["deleted_at"],
                condition=Q(deleted_at__isnull=False),
            ),
            models.Index(
                name="generation_audio_cache", fields=["used_at", "size"], condition=~Q(audio="")
            ),
            unfinished_index("generation_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(
                name="generation_ready_has_audio",
                condition=~Q(state=State.READY) | ~Q(audio="") | Q(plan__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"Soundscape of {self.image}"

    @property
    def folder(self) -> str:
        """The folder in the storage that contains only its files."""
        return f"generations/{self.pk}"

    @property
    def choices(self) -> list[LayerChoice]:
        """The chosen layers of a remix; empty if the matching decides."""
        return from_json(self.layer_choices)

    def current_choices(self) -> list[LayerChoice]:
        """Return its layers as they sound now, to be changed in a remix."""
        layers = list(self.layers.all())
        if not self.layer_choices:
            return [
                LayerChoice(place=layer.rank, category=layer.category.slug, position=layer.position)
                for layer in layers
            ]
        places = {layer.category.slug: layer.position for layer in layers}
        return [
            replace(choice, position=places.get(choice.category, choice.position))
            for choice in self.choices
        ]

    def choice_of(self, place: int, category: str) -> LayerChoice:
        """Return its own layer if it has this category in this place, else a new one."""
        own = (one for one in self.current_choices() if one.place == place)
        same = next((choice for choice in own if choice.category == category), None)
        return same or LayerChoice(place=place, category=category)

    @property
    def is_copy(self) -> bool:
        """True if the audio is a copy of another user's soundscape."""
        return bool(self.origin)

    @property
    def is_long(self) -> bool:
        """True if a player should stream it instead of holding it in memory."""
        return self.duration > LONG

    @property
    def is_renderable(self) -> bool:
        """True if it has a plan that lists its layers, which those of the first releases do not."""
        return bool(self.plan and self.plan.get("layers"))

    @property
    def is_playable(self) -> bool:
        """True if players can play it, which need its plan and level but no file."""
        is_planned = self.state == State.RENDERING and self.gain_db is not None
        return is_planned or self.state == State.READY

    @property
    def has_layers(self) -> bool:
        """True if its layers can be heard on their own: a page must hold them in memory."""
        return self.is_renderable and not self.is_long

    @property
    def credits(self) -> list[dict[str, str]]:
        return list(self.plan["credits"]) if self.plan else []

    @property
    def later_credits(self) -> list[dict[str, str]]:
        """Credits of clips that only a player uses, after the end."""
        return list(self.plan.get("others", ())) if self.plan else []

    def get_absolute_url(self) -> str:
        return reverse("soundscape", kwargs={"pk": self.pk})

    @property
    def version(self) -> str:
        """A value that changes whenever a page must be refreshed."""
        if self.is_playable and not self.is_final:
            return f"playable-{self.attempts}"
        return f"{self.state}-{self.attempts}-{self.progress}"

    @property
    def title(self) -> str:
        """The owner's title, else its categories, or the image's title until they are known."""
        return self.name or self.sounds or self.image.description

    @property
    def sounds(self) -> str:
        labels = [layer.category.label for layer in self.layers.all()]
        return ", ".join(labels)


class LayerQuerySet(NamingCategories["Layer"]):
    def for_api(self, generations: Collection[Row]) -> dict[UUID, list[Row]]:
        """Return what the API shows of the layers of soundscapes, by ID and rank.

        Each layer has its soundscape as `generation`.
        """
        by_key = {generation["id"]: generation for generation in generations}
        found: dict[UUID, list[Row]] = {key: [] for key in by_key}
        rows = self.filter(generation__in=by_key).with_category_names().order_by("rank")
        for row in rows.values("generation_id", *DESCRIBED_LAYER, "category_slug", "label"):
            key = row["generation_id"]
            found[key].append(row | {"generation": by_key[key]})
        return found


class Layer(models.Model):
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="layers")
    category = models.ForeignKey(
        "soundscapes.Category", on_delete=models.PROTECT, related_name="layers"
    )
    rank = models.PositiveSmallIntegerField()
    score = models.FloatField()
    position = models.FloatField()
    y = models.FloatField(default=0.0, help_text="-1 is at the top of the image, 1 at the bottom.")
    extent = models.FloatField(
        default=1.0, help_text="Share of the image that shows the evidence, 0 to 1."
    )
    kind = models.CharField(max_length=12, choices=KINDS)
    gain_db = models.FloatField("gain (dB)")
    reason = models.CharField(max_length=500)
    stem = models.FileField(upload_to=stem_path, max_length=200, blank=True, editable=False)

    objects = LayerQuerySet.as_manager()

    class Meta:
        ordering = ["generation", "rank"]
        constraints = [
            models.UniqueConstraint(name="layer_rank_once", fields=["generation", "rank"]),
            models.UniqueConstraint(name="layer_category_once", fields=["generation", "category"]),
        ]

    def __str__(self) -> str:
        return f"{self.rank}. {self.category}"

    @property
    def title(self) -> str:
        return f"{self.generation.title}: {self.category.label}"
