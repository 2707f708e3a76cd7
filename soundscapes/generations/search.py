"""Semantic search: texts and images share a vector space.

The worker, which has the encoder, stores the vector of a query. The request compares vectors, which
is a matrix product.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Case, Q, When
from django.utils import timezone
from django_q.tasks import async_task

from soundscapes.engine.matching.vectors import Vectors
from soundscapes.files import batches
from soundscapes.images import matching
from soundscapes.models import Embedding, Generation, SearchQuery, User
from soundscapes.models.generations import GenerationQuerySet
from soundscapes.models.search_queries import MAX_TEXT

CLOSEST = 24  # images
LEAST_SHARE = 0.6  # of the best score's lead over the average
REPEAT_AFTER = timedelta(seconds=10)
KEPT_FOR = timedelta(days=30)
BATCH = 500

Row = tuple[UUID, bytes | memoryview]


def query_vector(text: str) -> Vectors | None:
    """Return the cached vector of a text, or enqueue it and return None."""
    encoder, text = matching.current_encoder().slug, _plain(text)
    with transaction.atomic():
        query, is_new = SearchQuery.objects.get_or_create(text=text, encoder=encoder)
        vector = query.unpack()
        if vector is None and (is_new or query.asked_at < timezone.now() - REPEAT_AFTER):
            SearchQuery.objects.filter(pk=query.pk).update(asked_at=timezone.now())
            async_task("soundscapes.generations.search.encode_query", query.pk)
    return vector


def is_known(text: str) -> bool:
    asked = SearchQuery.objects.asked(_plain(text), matching.current_encoder().slug)
    return asked.exclude(vector=b"").exists()


def _plain(text: str) -> str:
    """Normalise spacing and case, so that equal queries share a vector."""
    return " ".join(text.lower().split())[:MAX_TEXT]


def narrow(
    rows: GenerationQuerySet, user: User, words: str, vector: Vectors | None
) -> GenerationQuerySet:
    """Return text matches, newest first, then semantic matches, closest first.

    Without a vector, return text matches only.
    """
    closest = [] if vector is None else closest_images(user, vector)
    said = Q(pk__in=Generation.objects.owned_by(user).search(words).order_by().values("pk"))
    fit = Case(
        When(said, then=0),
        *(When(image=key, then=place) for place, key in enumerate(closest, start=1)),
    )
    found = rows.filter(said | Q(image__in=closest)).annotate(fit=fit)
    return found.order_by("fit", "-created_at", "-pk")


def encode_query(pk: int) -> None:
    """Compute the vector of a query, unless it is missing or done. Runs in the worker."""
    query = SearchQuery.objects.filter(pk=pk, vector=b"").first()
    encoder = matching.encoder()
    if query is None or query.encoder != encoder.slug:
        return
    vector = encoder.encode_texts([query.text])[0]
    SearchQuery.objects.filter(pk=pk).update(vector=vector.astype("<f4").tobytes())


def forget_old_queries() -> None:
    batches.delete(SearchQuery.objects.filter(asked_at__lt=timezone.now() - KEPT_FOR))


def closest_images(user: User, vector: Vectors) -> list[UUID]:
    """Return the user's images closest to the vector, best first.

    Only images that the text describes are returned, if their score is about as far above the
    average as the best one.
    """
    encoder = matching.current_encoder()
    seen = Embedding.objects.of_soundscapes_of(user, encoder.slug)
    rows = seen.values_list("image", "vectors").iterator(chunk_size=BATCH)
    keys: list[UUID] = []
    scores: list[Vectors] = []
    for batch in _batches(rows):
        keys += [key for key, _vectors in batch]
        scores.append(_wholes([vectors for _key, vectors in batch], len(vector)) @ vector)
    if not keys:
        return []
    found = np.concatenate(scores)
    average = float(found.mean()) if len(found) > 2 else 0.0  # meaningless for one or two images
    leading = average + LEAST_SHARE * (float(found.max()) - average)
    least = max(leading, encoder.least_similarity)
    order = np.argsort(-found)[:CLOSEST]
    return [keys[place] for place in order if found[place] >= least]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, BATCH)):
        yield batch


def _wholes(packed: list[bytes | memoryview], dimension: int) -> Vectors:
    """Return the first vector of each image, which encodes the whole image."""
    size = 4 * dimension
    joined = b"".join(bytes(vectors[:size]) for vectors in packed)
    return np.frombuffer(joined, dtype="<f4").reshape(len(packed), dimension).astype(np.float32)
