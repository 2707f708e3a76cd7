"""Images, their embeddings and their similarities to categories."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from soundscapes.engine import scenes
from soundscapes.models.categories import Category, NamingCategories
from soundscapes.models.jobs import ACTIVE_STATES, Job, JobQuerySet, Row, State, unfinished_index
from soundscapes.models.text import containing, printable

if TYPE_CHECKING:
    from soundscapes.models.users import User

TOP = 3
"""Number of categories that are shown as the result for an image."""
DESCRIBED = (
    *("id", "title", "author", "licence", "width", "height", "state", "stage", "progress", "error"),
    *("is_blank", "created_at"),
)
"""Columns of an image that the API shows."""
DESCRIBED_SIMILARITY = (
    *("encoder", "encoder_name", "rank", "score", "confidence", "position", "y", "extent"),
    "reason",
)

NOTHING_SEEN = (
    "I can't tell what this place sounds like: the image shows nothing but one colour. The sounds "
    "are guesses. Choose others by hand."
)


class ImageSetQuerySet(models.QuerySet["ImageSet"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, user: User) -> Self:
        """Return active sets, or all sets for staff."""
        return self.all() if user.is_staff else self.active()

    def with_image_counts(self) -> Self:
        return self.annotate(image_count=models.Count("images"))

    def search(self, words: str) -> Self:
        return self.filter(containing(words, "name", "description"))


class ImageSet(models.Model):
    """A preloaded collection that random images are drawn from."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True, validators=[printable])
    description = models.TextField(blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="Random images are only drawn from active sets."
    )
    weight = models.PositiveSmallIntegerField(
        default=1,
        help_text="Weight 2 is drawn twice as often as weight 1. Weight 0 is never drawn.",
    )
    cover = models.ForeignKey(
        "soundscapes.Image",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        help_text="The image that represents the set.",
    )

    objects = ImageSetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ImageQuerySet(JobQuerySet["Image"]):
    def counted(self) -> Self:
        """Exclude images that a soundscape waits for, because both are one request."""
        return self.exclude(generations__state__in=ACTIVE_STATES)

    def visible_to(self, user: User) -> Self:
        """Return the user's images, those of visible sets, and those of the user's soundscapes.

        A union, because each part has an index: an OR would read all images. Filter before calling
        this.
        """
        rows = self.order_by()
        mine = rows.filter(owner=user).values("pk")
        heard = user.generations.order_by().values("image")
        shared = rows.filter(image_set__in=ImageSet.objects.visible_to(user)).values("pk")
        return self.filter(pk__in=mine.union(heard, shared, all=True))

    def preloaded(self) -> Self:
        return self.filter(image_set__is_active=True)

    def drawn_from(self) -> Self:
        """Return the candidates for a random image: those in active sets with a weight above 0."""
        return self.preloaded().filter(image_set__weight__gt=0)

    def of_sets(self) -> Self:
        return self.filter(image_set__isnull=False)

    def scenes(self) -> Self:
        """Return the shipped scenes in order, if their set is active."""
        sources = [scene.source for scene in scenes.SCENES]
        return self.preloaded().filter(source__in=sources).order_by("created_at")

    def search(self, words: str) -> Self:
        named = Category.objects.filter(containing(words, "label"))
        best = Similarity.objects.filter(image=models.OuterRef("pk"), rank__lte=TOP)
        fitting = best.filter(category__in=named)
        return self.filter(containing(words, "title") | models.Exists(fitting))

    def for_api(self) -> models.QuerySet[Image, Row]:
        """Select dicts of what the API shows, because models take long."""
        of_set = F("image_set__public_id")
        rows: models.QuerySet[Image, Row] = self.values(*DESCRIBED, of_set=of_set)
        return rows

    def rank_again(self) -> None:
        """Rank images again on the next request, from their stored vectors."""
        self.filter(state=State.READY).update(state=State.NEW)

    def not_seen_by(self, encoder: str) -> Self:
        seen = Embedding.objects.filter(image=models.OuterRef("pk"), encoder=encoder)
        return self.exclude(models.Exists(seen))


def note_of(is_blank: bool) -> str:
    """Return a message about the matching of an image, or an empty string."""
    return NOTHING_SEEN if is_blank else ""


def image_path(image: Image, _filename: str = "") -> str:
    return f"images/{image.pk}.jpg"


def thumbnail_path(image: Image, _filename: str = "") -> str:
    return f"thumbnails/{image.pk}.webp"


class Image(Job):
    """An image of a user or of an image set, re-encoded from its pixels.

    As a job, it is the matching, and ready once its similarities exist.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        "soundscapes.User",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="images",
    )
    image_set = models.ForeignKey(
        ImageSet, on_delete=models.CASCADE, null=True, blank=True, related_name="images"
    )
    file = models.FileField(upload_to=image_path, max_length=200, editable=False)
    thumbnail = models.FileField(upload_to=thumbnail_path, max_length=200, editable=False)
    checksum = models.CharField(
        max_length=64, editable=False, help_text="SHA-256 of the uploaded file."
    )
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    size = models.PositiveBigIntegerField(
        default=0, editable=False, help_text="Bytes of its files."
    )
    title = models.CharField(max_length=200, blank=True, validators=[printable])
    author = models.CharField(max_length=200, blank=True, validators=[printable])
    licence = models.CharField(max_length=100, blank=True, validators=[printable])
    source = models.CharField(max_length=300, blank=True, validators=[printable])
    created_at = models.DateTimeField(auto_now_add=True)
    uploaded_again_at = models.DateTimeField(
        null=True, editable=False, help_text="When its owner last uploaded the same file again."
    )

    is_blank = models.BooleanField(
        default=False, editable=False, help_text="It is of one colour, so nothing can be matched."
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(name="image_jobs", fields=["owner", "-queued_at"]),
            models.Index(name="image_latest", fields=["-created_at"]),
            unfinished_index("image_unfinished"),
        ]
        constraints = [
            models.CheckConstraint(
                name="image_of_a_user_or_of_a_set",
                condition=Q(owner__isnull=False, image_set__isnull=True)
                | Q(owner__isnull=True, image_set__isnull=False),
                violation_error_message="An image belongs to a user or to a set, never to both.",
            ),
            models.UniqueConstraint(
                name="image_once_per_user",
                fields=["owner", "checksum"],
                condition=Q(image_set=None),
            ),
            models.UniqueConstraint(
                name="image_once_per_set", fields=["image_set", "checksum"], condition=Q(owner=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title or "Untitled image"

    @property
    def note(self) -> str:
        return note_of(self.is_blank)

    @property
    def description(self) -> str:
        return scenes.alt_of(self.source) or self.title or "Your image"


class EmbeddingQuerySet(models.QuerySet["Embedding"]):
    def of_soundscapes_of(self, user: User, encoder: str) -> Self:
        mine = user.generations.filter(deleted_at=None).values("image")
        return self.filter(encoder=encoder, image__in=mine)


class Embedding(models.Model):
    """The encoding of an image by one encoder, packed by `engine.matching.packing`."""

    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="embeddings")
    encoder = models.CharField(max_length=100)
    vectors = models.BinaryField(
        help_text="float32, little-endian, unit rows: the whole, which search reads; then the "
        "places if there are few."
    )
    places = models.BinaryField(
        default=b"", help_text="The places if there are many: float16, little-endian."
    )
    labels = models.JSONField(
        default=list, help_text="The encoder's own words: [name, share, sounds]."
    )
    label_vectors = models.BinaryField(
        default=b"", help_text="One float32 row for each label; empty without labels."
    )
    support = models.BinaryField(
        default=b"", help_text="float16: a row for the whole and each place, by knowledge."
    )
    facts = models.JSONField(
        default=dict, help_text="The grid of places, the scene, and the columns of `support`."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EmbeddingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="embedding_once_per_encoder", fields=["image", "encoder"])
        ]

    def __str__(self) -> str:
        return f"{self.image} by {self.encoder}"


class SimilarityQuerySet(NamingCategories["Similarity"]):
    def by_encoder(self, encoder: str) -> Self:
        return self.filter(encoder=encoder).select_related("category").order_by("rank")

    def for_api(self, images: Collection[Row]) -> dict[UUID, list[Row]]:
        """Return what the API shows of the `TOP` similarities of every encoder, by ID and rank."""
        found: dict[UUID, list[Row]] = {image["id"]: [] for image in images}
        rows = self.filter(image__in=found, rank__lte=TOP).with_category_names().order_by("rank")
        for row in rows.values("image_id", *DESCRIBED_SIMILARITY, "category_slug", "label"):
            found[row["image_id"]].append(row)
        return found


class Similarity(models.Model):
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="similarities")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="similarities")
    encoder = models.CharField(max_length=100, help_text="Stable identifier of the encoder.")
    encoder_name = models.CharField(max_length=200, help_text="Display name of the encoder.")
    score = models.FloatField(help_text="Cosine similarity, -1 to 1; not a probability.")
    rank = models.PositiveSmallIntegerField(help_text="1 is the best match.")
    confidence = models.FloatField(
        null=True, help_text="Probability that the sound fits, 0 to 1, if it is known."
    )
    position = models.FloatField(
        default=0.0, help_text="From -1, the left of the image, to 1, the right."
    )
    y = models.FloatField(default=0.0, help_text="-1 is at the top of the image, 1 at the bottom.")
    extent = models.FloatField(
        default=1.0, help_text="Share of the image that shows the evidence, 0 to 1."
    )
    evidence = models.CharField(
        max_length=100,
        blank=True,
        help_text="A hexadecimal digit for each place of the image, a slash between rows.",
    )
    prompt = models.CharField(max_length=300, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    objects = SimilarityQuerySet.as_manager()

    class Meta:
        ordering = ["image", "encoder", "rank"]
        verbose_name_plural = "similarities"
        constraints = [
            models.UniqueConstraint(
                name="similarity_once_per_encoder", fields=["image", "category", "encoder"]
            ),
            models.CheckConstraint(
                name="similarity_score_is_a_cosine", condition=Q(score__range=(-1.001, 1.001))
            ),
            models.CheckConstraint(
                name="similarity_position_in_picture", condition=Q(position__range=(-1, 1))
            ),
            models.CheckConstraint(
                name="similarity_y_and_extent_in_picture",
                condition=Q(y__range=(-1, 1), extent__range=(0, 1)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category} {self.score:.3f}"
