"""Scoring pictures against the categories. Runs in the worker."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db import transaction
from PIL import Image as PillowImage

from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding, Vectors
from soundscapes.engine.matching.encoders import EncoderIdentity, encoder_identity, load_encoder
from soundscapes.engine.matching.matcher import Match, rank, reason
from soundscapes.engine.matching.text_vectors import TextVectors
from soundscapes.models import Category, Embedding, Image, Similarity, State
from soundscapes.services import jobs

logger = logging.getLogger(__name__)


def current_encoder() -> EncoderIdentity:
    """Which encoder this installation uses at present. Loads nothing."""
    return encoder_identity(
        settings.ENCODER,
        cache_dir=settings.ENCODER_CACHE,
        clip_model=settings.CLIP_MODEL,
        clip_weights=_named_weights(),
    )


def _named_weights() -> Path | None:
    return Path(settings.CLIP_WEIGHTS) if settings.CLIP_WEIGHTS else None


@lru_cache(maxsize=1)
def _load(_slug: str) -> Encoder:
    """One encoder stays in the process; another slug (CLIP's weights arrived) replaces it."""
    return load_encoder(
        settings.ENCODER,
        cache_dir=settings.ENCODER_CACHE,
        clip_model=settings.CLIP_MODEL,
        clip_weights=_named_weights(),
    )


def encoder() -> Encoder:
    """The encoder of this process, loaded when it is first used."""
    return _load(current_encoder().slug)


def prompt_vectors(categories: list[CatalogueCategory]) -> dict[str, Vectors]:
    """Each category's prompts as vectors; from the cache on disk where they are known."""
    prompts = [prompt for category in categories for prompt in category.prompts]
    vectors = TextVectors(settings.ENCODER_CACHE).vectors(encoder(), prompts)
    by_category: dict[str, Vectors] = {}
    start = 0
    for category in categories:
        end = start + len(category.prompts)
        by_category[category.slug] = vectors[start:end]
        start = end
    return by_category


def warm_up() -> None:
    """Load the encoder, see one grey picture, and have every prompt's vector at hand."""
    encoder().encode_photos([PillowImage.new("RGB", (224, 224), "grey")])
    prompt_vectors([category.to_engine() for category in Category.objects.all()])


def match_queued(pk: str) -> None:
    """Match a picture whose turn has come; nothing is done twice."""
    claim = jobs.claim(Image.objects.all(), pk)
    if claim is None:
        return
    with jobs.failing_in_words(claim):
        claim.report(State.MATCHING, "Comparing the picture with every sound", 20)
        rank_image(Image.objects.get(pk=claim.pk))
        claim.finish()


def rank_encoding(encoding: PhotoEncoding) -> list[Match]:
    """Rank the categories that are offered now."""
    categories = [category.to_engine() for category in Category.objects.offered()]
    return rank(encoding, categories, prompt_vectors(categories))


def rank_image(image: Image) -> list[Match]:
    """Rank the offered categories for a picture, and keep the result.

    The picture is encoded once per encoder; the ranking follows the categories as they are now.
    """
    matches = rank_encoding(_encode_once(image))
    _store(image, matches)
    return matches


def _encode_once(image: Image) -> PhotoEncoding:
    slug = encoder().slug
    known = Embedding.objects.filter(image=image, encoder=slug).first()
    if known is not None:
        return known.unpack()
    with image.file.open("rb") as file, PillowImage.open(file) as picture:
        encoding = encoder().encode_photos([picture.convert("RGB")])[0]
    Embedding.objects.update_or_create(
        image=image, encoder=slug, defaults=Embedding.pack(encoding)
    )
    return encoding


def _store(image: Image, matches: list[Match]) -> None:
    identity = encoder()
    categories = Category.objects.in_bulk([match.category for match in matches], field_name="slug")
    rows = [
        Similarity(
            image=image,
            category=categories[match.category],
            encoder=identity.slug,
            encoder_name=identity.name,
            score=match.score,
            rank=match.rank,
            position=match.position,
            prompt=match.prompt[:300],
            reason=reason(match)[:500],
        )
        for match in matches
    ]
    with transaction.atomic():
        mine = Similarity.objects.filter(image=image, encoder=identity.slug)
        mine.exclude(category__in=categories.values()).delete()
        Similarity.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["image", "category", "encoder"],
            update_fields=["encoder_name", "score", "rank", "position", "prompt", "reason"],
        )
        unclaimed = Image.objects.filter(pk=image.pk, claimed_by="").exclude(state=State.READY)
        unclaimed.update(state=State.READY, stage="Ready", progress=100, error="")
