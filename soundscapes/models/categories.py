"""Categories and their clips."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.clips import Clip as EngineClip
from soundscapes.models.text import containing, printable

if TYPE_CHECKING:
    from soundscapes.models.users import User

KINDS = [
    (Kind.BED.value, "Bed: continuous"),
    (Kind.OCCASIONAL.value, "Occasional: comes and goes"),
    (Kind.STARTLING.value, "Startling: rare and soft in calm mode"),
]

ModelT = TypeVar("ModelT", bound=models.Model)

DESCRIBED = (
    *("source", "title", "author", "licence", "collection", "url", "duration", "loudness"),
    "created_at",
)
"""Columns of a clip that the API shows."""
MAX_PROMPTS = 40
MAX_PROMPT_LENGTH = 300


def validate_prompts(prompts: object) -> None:
    """Raise ValidationError unless given 1 to 40 descriptions of 1 to 300 characters."""
    if not isinstance(prompts, list) or not prompts:
        raise ValidationError("Enter at least one description of a matching image.")
    if any(not isinstance(prompt, str) or not prompt.strip() for prompt in prompts):
        raise ValidationError("Every description must be a line of text.")
    if len(prompts) > MAX_PROMPTS:
        raise ValidationError(
            f"Enter at most {MAX_PROMPTS} descriptions. There are {len(prompts)}."
        )
    if any(len(prompt) > MAX_PROMPT_LENGTH for prompt in prompts):
        raise ValidationError(
            f"A description can have at most {MAX_PROMPT_LENGTH} characters. Shorten it."
        )


SHIPPED = Q(target__isnull=False) | ~Q(shipped_digest="")
BEYOND_ESC50 = Q(target__isnull=True) & ~Q(shipped_digest="")


class CategoryQuerySet(models.QuerySet["Category"]):
    def offered(self) -> Self:
        """Return categories that images can be matched with: enabled, with a playable clip.

        Clips that are still to be synthesised count, so that a ranking does not depend on them.
        """
        playable = Clip.objects.playable()
        own = playable.filter(category=models.OuterRef("pk"))
        lent = playable.synthesised().filter(category=models.OuterRef("recipe"))
        recordings = Category.Sources.RECORDINGS
        of_lender = Q(recipe__awaits_clips=True, recipe__is_enabled=True)
        of_lender &= ~Q(recipe__sources=recordings)
        synthesised = Q(awaits_clips=True) | of_lender | models.Exists(lent)
        return self.installed().filter(
            models.Exists(own) | (synthesised & ~Q(sources=recordings)), is_enabled=True
        )

    def usable_by(self, user: User) -> Self:
        """Return what a layer of the user may be: offered, or an own recording without a category.

        Call it on `Category.everything`.
        """
        offered = Category.objects.offered().order_by().values("pk")
        return self.filter(pk__in=offered) | self.recorded_by(user)

    def recorded_by(self, user: User) -> Self:
        """Return the private categories of the user's recordings that have no other."""
        own = Clip.objects.playable(user).owned_by(user).filter(category=models.OuterRef("pk"))
        return self.filter(models.Exists(own), is_private=True)

    def abandoned(self) -> Self:
        """Return private categories that no recording and no soundscape needs."""
        return self.filter(is_private=True, clips=None, layers=None)

    def installed(self) -> Self:
        """Return all categories, without the shipped ones beyond ESC-50 if that is the setting."""
        return self.exclude(BEYOND_ESC50) if settings.ESC50_ONLY else self.all()

    def awaiting_clips(self) -> Self:
        return self.installed().filter(awaits_clips=True)

    def enabled(self) -> Self:
        return self.filter(is_enabled=True)

    def search(self, words: str) -> Self:
        return self.filter(containing(words, "label", "slug"))

    def with_clip_counts(self) -> Self:
        return self.annotate(
            clip_count=models.Count("clips", filter=Q(clips__is_enabled=True, clips__owner=None))
        )

    def with_source_counts(self) -> Self:
        enabled = Q(clips__is_enabled=True, clips__owner=None)
        return self.annotate(
            clip_count=models.Count("clips", filter=enabled),
            **{
                f"{source}_count": models.Count("clips", filter=enabled & Q(clips__source=source))
                for source in Clip.Source.values
            },
        )


class _PublicManager(models.Manager["Category"]):
    def get_queryset(self) -> models.QuerySet[Category]:
        return super().get_queryset().filter(is_private=False)


PublicCategories = _PublicManager.from_queryset(CategoryQuerySet)


class Category(models.Model):
    """A shipped category with an administrator's changes, or an added one.

    A recording of a user that belongs to none has a private one, which is never matched and which
    `Category.objects` does not contain.
    """

    class Sources(models.TextChoices):
        RECORDINGS_FIRST = "recordings_first", "Recordings if available, otherwise synthesised"
        RECORDINGS = "recordings", "Recordings only"
        SYNTHESISED = "synthesised", "Synthesised only"
        ALL = "all", "Both together"

    slug = models.SlugField(
        unique=True,
        help_text="The name in URLs and plans, for example sea_waves. It can never be changed.",
    )
    target = models.PositiveSmallIntegerField(
        "ESC-50's number",
        unique=True,
        null=True,
        editable=False,
        help_text="0 to 49, empty for all other categories.",
    )
    label = models.CharField(max_length=60, validators=[printable])
    group = models.CharField(max_length=40, validators=[printable])
    kind = models.CharField(max_length=12, choices=KINDS)
    gain_db = models.FloatField(
        "gain (dB)",
        default=0.0,
        help_text="Level relative to other categories: 0 is unchanged, -6 is half.",
    )
    prompts = models.JSONField(
        validators=[validate_prompts],
        help_text="Descriptions of images that match this category, one per line.",
    )
    sources = models.CharField(
        "clips to play", max_length=20, choices=Sources, default=Sources.RECORDINGS_FIRST
    )
    recipe = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        limit_choices_to=SHIPPED,
        related_name="borrowers",
        verbose_name="synthesised clips of",
        help_text="Another category whose synthesised clips are used here, too.",
    )
    is_enabled = models.BooleanField("enabled", default=True)
    is_private = models.BooleanField(
        default=False,
        editable=False,
        help_text="It stands for one recording of a user, and its label is that one's title.",
    )
    awaits_clips = models.BooleanField(
        default=False,
        editable=False,
        help_text="Its synthesised clips are made in the background, or when they are needed.",
    )
    shipped_digest = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text="SHA-256 of the shipped values. An edited row differs from it and is kept.",
    )

    objects = PublicCategories()
    everything = CategoryQuerySet.as_manager()

    class Meta:
        ordering = ["label"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.label

    @property
    def is_shipped(self) -> bool:
        return self.target is not None or bool(self.shipped_digest)

    def to_engine(self) -> CatalogueCategory:
        return CatalogueCategory(
            slug=self.slug,
            target=self.target,
            label=self.label,
            group=self.group,
            kind=Kind(self.kind),
            gain_db=self.gain_db,
            prompts=tuple(self.prompts),
        )


class NamingCategories(models.QuerySet[ModelT]):
    """Rows of which each has a category."""

    def with_category_names(self) -> Self:
        """Annotate slug and label, which takes half as long as whole categories."""
        return self.annotate(category_slug=F("category__slug"), label=F("category__label"))


class ClipQuerySet(models.QuerySet["Clip"]):
    def shared(self) -> Self:
        """Return clips that everybody's soundscapes use."""
        return self.filter(owner=None)

    def owned_by(self, user: User) -> Self:
        return self.filter(owner=user)

    def playable(self, user: User | None = None) -> Self:
        """Return enabled clips in enabled categories that use their source.

        They are everybody's, and those of `user`, which no category's choice of sources excludes.
        """
        sources, synthesised = Category.Sources, models.Q(source=Clip.Source.SYNTHESISED)
        offered = Q(owner=None) if user is None else Q(owner=None) | Q(owner=user)
        return (
            self.filter(offered, is_enabled=True, category__is_enabled=True)
            .exclude(synthesised, category__sources=sources.RECORDINGS)
            .exclude(~synthesised, owner=None, category__sources=sources.SYNTHESISED)
        )

    def synthesised(self) -> Self:
        return self.filter(source=Clip.Source.SYNTHESISED)

    def by_category(self, slugs: Collection[str]) -> dict[str, list[Clip]]:
        """Map categories to their clips, with the synthesised ones that others lend them."""
        borrowers = Category.objects.filter(slug__in=slugs, recipe__isnull=False)
        borrowers = borrowers.exclude(sources=Category.Sources.RECORDINGS)
        lenders = dict(borrowers.values_list("slug", "recipe__slug"))
        found: dict[str, list[Clip]] = {slug: [] for slug in {*slugs, *lenders.values()}}
        for clip in self.filter(category__slug__in=found).select_related("category"):
            found[clip.category.slug].append(clip)
        lent = {
            slug: [each for each in found[lender] if each.source == Clip.Source.SYNTHESISED]
            for slug, lender in lenders.items()
        }
        return {slug: found[slug] + lent.get(slug, []) for slug in slugs}

    def for_api(self) -> Self:
        """Read what the API shows, without waveforms and prompts."""
        return self.select_related("category").only(*DESCRIBED, "category__slug")

    def search(self, words: str) -> Self:
        return self.filter(containing(words, "title", "author", "category__label"))


def clip_path(clip: Clip, _filename: str = "") -> str:
    if clip.owner_id is not None:
        return f"clips/own/{clip.pk}.wav"
    return f"clips/{clip.category.slug}/{clip.checksum[:16]}.wav"


class Clip(models.Model):
    class Source(models.TextChoices):
        SYNTHESISED = "synthesised", "Synthesised"
        ESC50 = "esc50", "ESC-50"
        UPLOAD = "upload", "Upload"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="clips")
    file = models.FileField(upload_to=clip_path, max_length=200)
    owner = models.ForeignKey(
        "soundscapes.User",
        on_delete=models.CASCADE,
        null=True,
        editable=False,
        related_name="recordings",
        help_text="The only user whose soundscapes use it; empty for everybody's.",
    )
    is_preferred = models.BooleanField(
        default=False, editable=False, help_text="Its owner always uses it for its category."
    )
    size = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Bytes, counted for recordings with an owner."
    )
    checksum = models.CharField(
        max_length=64, db_index=True, editable=False, help_text="SHA-256 of the file."
    )
    source = models.CharField(max_length=12, choices=Source, default=Source.UPLOAD)
    title = models.CharField(max_length=200, validators=[printable])
    words = models.CharField(
        max_length=200,
        blank=True,
        validators=[printable],
        help_text="Where one hears it: near or far, heavy or light. The clip whose words fit an "
        "image best is the likeliest. Without words, it is as likely as an average one.",
    )
    author = models.CharField(max_length=200, validators=[printable])
    licence = models.CharField(max_length=60, validators=[printable])
    collection = models.CharField(
        max_length=100,
        blank=True,
        help_text="The data set that contains it, with the licence of the data set.",
    )
    url = models.URLField(blank=True, max_length=500)
    start = models.FloatField(
        default=0.0, editable=False, help_text="Seconds of silence at the start of the file."
    )
    duration = models.FloatField(editable=False, help_text="Seconds after the initial silence.")
    loudness = models.FloatField(editable=False, help_text="Integrated loudness in LUFS.")
    peaks = models.JSONField(
        default=list, blank=True, editable=False, help_text="Waveform, as values from 0 to 100."
    )
    is_enabled = models.BooleanField("enabled", default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ClipQuerySet.as_manager()

    class Meta:
        ordering = ["category__label", "title"]
        constraints = [
            models.UniqueConstraint(
                name="clip_shared_once", fields=["checksum"], condition=Q(owner=None)
            ),
            models.UniqueConstraint(name="clip_owned_once", fields=["owner", "checksum"]),
        ]

    def __str__(self) -> str:
        return self.title

    def to_engine(self) -> EngineClip:
        return EngineClip(
            checksum=self.checksum,
            category=self.category.slug,
            source=self.source,
            title=self.title,
            author=self.author,
            licence=self.licence,
            collection=self.collection,
            url=self.url,
            start=self.start,
            duration=self.duration,
            loudness=self.loudness,
            peaks=tuple(self.peaks),
            words=self.words,
        )
