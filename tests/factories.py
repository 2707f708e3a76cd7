"""Factories for rows with real files, one per model."""

from __future__ import annotations

import hashlib
import socket
from datetime import timedelta

import factory
import numpy as np
from django.core.files.base import ContentFile
from django.utils import timezone
from factory.django import DjangoModelFactory

from soundscapes.accounts import users
from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel
from soundscapes.engine.matching.matcher import rank
from soundscapes.engine.matching.offline.offline_encoder import DIMENSION, NAME, SLUG
from soundscapes.engine.matching.packing import packed
from soundscapes.engine.modes import FAITHFUL
from soundscapes.engine.sound.loudness import measure_loudness
from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.files.processes import own_name
from soundscapes.generations import share_links
from soundscapes.images import matching
from soundscapes.models import (
    ApiToken,
    BatchJob,
    CacheEntry,
    Category,
    Clip,
    Embedding,
    Export,
    Feed,
    Generation,
    Heartbeat,
    IdempotencyRecord,
    Image,
    ImageSet,
    Invitation,
    JournalEntry,
    Layer,
    Listener,
    Preview,
    QuotaCount,
    Rendition,
    SearchQuery,
    ShareLink,
    Similarity,
    State,
    Stream,
    StreamBlock,
    User,
    Webhook,
    WebhookDelivery,
)
from soundscapes.models.batch_jobs import Outcome, Row
from tests import sample_files

PASSWORD = "correct horse battery staple"
CLIP_SECONDS = 1.5
OWN_FILES = 10_000
"""First number of the factories' files, so that none equals a file that a test uploads."""


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence(lambda number: f"user{number}")
    password = factory.django.Password(PASSWORD)
    date_joined = factory.LazyFunction(lambda: timezone.now() - timedelta(days=30))


class CuratorFactory(UserFactory):
    """A staff member in the group of curators."""

    class Meta:
        skip_postgeneration_save = True

    is_staff = True

    @factory.post_generation
    def join(self, create, extracted) -> None:
        self.groups.add(users.make_curators())


class ApiTokenFactory(DjangoModelFactory):
    """Created by the service, because only it knows the secret."""

    class Meta:
        model = ApiToken

    user = factory.SubFactory(UserFactory)
    name = "a script"

    @classmethod
    def _create(cls, _model, user, name):
        token, _secret = users.create_token(user, name)
        return token


class CategoryFactory(DjangoModelFactory):
    """The next category of the catalogue; `category_named` returns one by its slug."""

    class Meta:
        model = Category
        django_get_or_create = ("slug",)

    class Params:
        entry = factory.Sequence(lambda number: load_catalogue()[number % len(load_catalogue())])

    slug = factory.LazyAttribute(lambda row: row.entry.slug)
    target = factory.LazyAttribute(lambda row: row.entry.target)
    label = factory.LazyAttribute(lambda row: row.entry.label)
    group = factory.LazyAttribute(lambda row: row.entry.group)
    kind = factory.LazyAttribute(lambda row: row.entry.kind.value)
    gain_db = factory.LazyAttribute(lambda row: row.entry.gain_db)
    prompts = factory.LazyAttribute(lambda row: list(row.entry.prompts))


def catalogue_entry(slug: str) -> CatalogueCategory:
    return next(entry for entry in load_catalogue() if entry.slug == slug)


def category_named(slug: str) -> Category:
    return CategoryFactory(entry=catalogue_entry(slug))


class ClipFactory(DjangoModelFactory):
    """A second and a half of noise, different every time."""

    class Meta:
        model = Clip

    class Params:
        samples = factory.Sequence(lambda n: sample_files.noise(CLIP_SECONDS, OWN_FILES + n))
        data = factory.LazyAttribute(lambda row: sample_files.sound(row.samples))

    category = factory.SubFactory(CategoryFactory)
    file = factory.LazyAttribute(lambda row: ContentFile(row.data, "clip.wav"))
    checksum = factory.LazyAttribute(lambda row: hashlib.sha256(row.data).hexdigest())
    title = factory.Sequence(lambda number: f"Recording {number}")
    author = "Ada"
    licence = "CC BY 4.0"
    duration = factory.LazyAttribute(lambda row: len(row.samples) / SAMPLE_RATE)
    loudness = factory.LazyAttribute(lambda row: measure_loudness(row.samples))


class ImageSetFactory(DjangoModelFactory):
    class Meta:
        model = ImageSet

    name = factory.Sequence(lambda number: f"Set {number}")


class ImageFactory(DjangoModelFactory):
    """A user's image, or one in a set with `of_set=True` or `image_set=…, owner=None`."""

    class Meta:
        model = Image

    class Params:
        data = factory.Sequence(lambda number: sample_files.photo(OWN_FILES + number))
        of_set = factory.Trait(owner=None, image_set=factory.SubFactory(ImageSetFactory))

    owner = factory.SubFactory(UserFactory)
    file = factory.LazyAttribute(lambda row: ContentFile(row.data, "photo.jpg"))
    thumbnail = factory.LazyAttribute(lambda row: ContentFile(row.data, "photo.jpg"))
    checksum = factory.LazyAttribute(lambda row: hashlib.sha256(row.data).hexdigest())
    width, height = sample_files.PHOTO_SIZE
    title = factory.Sequence(lambda number: f"Image {number}")


def encoding(number: int = 0) -> PhotoEncoding:
    """Return unit vectors like the offline encoder's."""
    rows = np.random.default_rng(number).normal(size=(4, DIMENSION))
    unit = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return PhotoEncoding(unit, (PhotoLabel("seashore", 0.5),))


STARTLING_TOO = ("siren", "sea_waves", "dog", "chirping_birds")


def narrow_win(winner: str, other: str) -> PhotoEncoding:
    """Return an encoding in which `winner` narrowly beats `other`, both from STARTLING_TOO."""
    categories = [catalogue_entry(slug) for slug in STARTLING_TOO]
    vectors = {c.slug: matching.encoder().encode_texts(c.prompts) for c in categories}
    centres = [vectors[slug].mean(axis=0) for slug in (winner, other)]
    for share in np.linspace(0, 1, 1001):
        mixed = share * centres[0] + (1 - share) * centres[1]
        photo = PhotoEncoding(np.tile(mixed / np.linalg.norm(mixed), (4, 1)).astype(np.float32))
        if rank(photo, categories, vectors, mode=FAITHFUL)[0].category == winner:
            return photo
    raise AssertionError(f"{winner} never wins")


class EmbeddingFactory(DjangoModelFactory):
    class Meta:
        model = Embedding

    image = factory.SubFactory(ImageFactory)
    encoder = SLUG
    vectors = factory.Sequence(lambda number: packed(encoding(number))["vectors"])
    labels = factory.LazyFunction(lambda: packed(encoding())["labels"])


class SimilarityFactory(DjangoModelFactory):
    class Meta:
        model = Similarity

    image = factory.SubFactory(ImageFactory)
    category = factory.SubFactory(CategoryFactory)
    encoder = SLUG
    encoder_name = NAME
    score = 0.5
    rank = 1
    prompt = factory.LazyAttribute(lambda row: row.category.prompts[0])
    reason = factory.LazyAttribute(lambda row: f"Looks like “{row.prompt}”.")


class GenerationFactory(DjangoModelFactory):
    """Queued for an image of its owner; finished, with a WAV, with `ready=True`."""

    class Meta:
        model = Generation

    class Params:
        data = factory.Sequence(lambda number: sample_files.sound(sample_files.noise(0.5, number)))
        ready = factory.Trait(
            state=State.READY,
            stage="Ready",
            progress=100,
            attempts=1,
            encoder=SLUG,
            encoder_name=NAME,
            audio=factory.LazyAttribute(lambda row: ContentFile(row.data, "sound.wav")),
            audio_checksum=factory.LazyAttribute(lambda row: hashlib.sha256(row.data).hexdigest()),
            loudness=-23.0,
            true_peak=-1.5,
            peaks=[20, 100, 40],
            plan={"credits": []},
            finished_at=factory.LazyFunction(timezone.now),
        )

    state = State.QUEUED
    queued_at = factory.LazyFunction(timezone.now)
    owner = factory.SubFactory(UserFactory)
    image = factory.SubFactory(ImageFactory, owner=factory.SelfAttribute("..owner"))
    duration = 5
    seed = factory.Sequence(lambda number: number)


class RenditionFactory(DjangoModelFactory):
    class Meta:
        model = Rendition

    generation = factory.SubFactory(GenerationFactory, ready=True)
    format = "ogg"
    state = State.READY
    title = factory.LazyAttribute(lambda row: row.generation.title)
    file = factory.LazyFunction(lambda: ContentFile(b"OggS", "sound.ogg"))


class PreviewFactory(DjangoModelFactory):
    class Meta:
        model = Preview

    generation = factory.SubFactory(GenerationFactory, ready=True)
    place = 1
    category = factory.SubFactory(CategoryFactory)
    state = State.READY
    queued_at = factory.LazyFunction(timezone.now)
    file = factory.LazyFunction(lambda: ContentFile(b"RIFF", "preview.wav"))


class ExportFactory(DjangoModelFactory):
    class Meta:
        model = Export

    owner = factory.SubFactory(UserFactory)
    state = State.READY
    file = factory.LazyFunction(lambda: ContentFile(b"PK", "export.zip"))
    queued_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)


class LayerFactory(DjangoModelFactory):
    class Meta:
        model = Layer

    generation = factory.SubFactory(GenerationFactory)
    category = factory.SubFactory(CategoryFactory)
    rank = factory.Sequence(lambda number: number + 1)
    score = 0.5
    position = 0.0
    kind = factory.SelfAttribute("category.kind")
    gain_db = 0.0
    reason = "Looks like “a beach”."


class BatchJobFactory(DjangoModelFactory):
    """A batch job on images, after a dry run."""

    class Meta:
        model = BatchJob

    kind = BatchJob.Kind.IMAGES
    subject = "A set"
    state = State.READY
    is_trial = True
    rows = factory.LazyFunction(lambda: [Row("a.jpg", Outcome.NEW, "96 by 64").to_json()])
    created_by = factory.SubFactory(UserFactory)


class ShareLinkFactory(DjangoModelFactory):
    class Meta:
        model = ShareLink

    generation = factory.SubFactory(GenerationFactory, ready=True)
    expires_at = factory.LazyFunction(lambda: timezone.now() + share_links.LIFETIME)


class FeedFactory(DjangoModelFactory):
    class Meta:
        model = Feed

    owner = factory.SubFactory(UserFactory)
    digest = factory.Sequence(lambda number: f"{number:064x}")


class StreamFactory(DjangoModelFactory):
    class Meta:
        model = Stream

    generation = factory.SubFactory(GenerationFactory, ready=True)
    owner = factory.SelfAttribute("generation.owner")
    digest = factory.Sequence(lambda number: f"{number:064x}")


class ListenerFactory(DjangoModelFactory):
    class Meta:
        model = Listener

    stream = factory.SubFactory(StreamFactory)


class StreamBlockFactory(DjangoModelFactory):
    class Meta:
        model = StreamBlock

    generation = factory.SubFactory(GenerationFactory, ready=True)
    number = factory.Sequence(int)


class IdempotencyRecordFactory(DjangoModelFactory):
    class Meta:
        model = IdempotencyRecord

    user = factory.SubFactory(UserFactory)
    key = factory.Sequence(lambda number: f"key-{number}")
    fingerprint = "0" * 64
    status = 202


class QuotaCountFactory(DjangoModelFactory):
    class Meta:
        model = QuotaCount

    key = factory.Sequence(lambda number: f"read:1:{number}")
    ends_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
    count = 1


class CacheEntryFactory(DjangoModelFactory):
    class Meta:
        model = CacheEntry

    cache_key = factory.Sequence(lambda number: f"attempts-{number}")
    value = "1"
    expires = factory.LazyFunction(lambda: timezone.now() + timedelta(minutes=5))


class InvitationFactory(DjangoModelFactory):
    class Meta:
        model = Invitation


class SearchQueryFactory(DjangoModelFactory):
    class Meta:
        model = SearchQuery

    text = factory.Sequence(lambda number: f"beach {number}")
    encoder = "tests"


class HeartbeatFactory(DjangoModelFactory):
    class Meta:
        model = Heartbeat
        django_get_or_create = ("host",)

    host = factory.LazyFunction(socket.gethostname)
    beat_at = factory.LazyFunction(timezone.now)


class JournalEntryFactory(DjangoModelFactory):
    class Meta:
        model = JournalEntry

    names = factory.Sequence(lambda number: [f"images/{number}.jpg"])
    process = factory.LazyFunction(own_name)


class WebhookFactory(DjangoModelFactory):
    class Meta:
        model = Webhook

    owner = factory.SubFactory(UserFactory)
    target_url = "https://example.org/hook"
    events = ["generation.ready", "generation.failed"]


class WebhookDeliveryFactory(DjangoModelFactory):
    """A message that failed for good."""

    class Meta:
        model = WebhookDelivery

    webhook = factory.SubFactory(WebhookFactory)
    event = "generation.ready"
    body = "{}"
    state = State.FAILED
    finished_at = factory.LazyFunction(timezone.now)
