"""Matching of images to categories, in the worker."""

import hashlib
import json
import logging
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from filelock import FileLock, Timeout
from PIL import Image as PillowImage

from soundscapes.engine.catalogue import Category as CatalogueCategory
from soundscapes.engine.clip_fits import Clips, bank_words, with_fits
from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding
from soundscapes.engine.matching.encoders import (
    EncoderIdentity,
    encoder_identity,
    load_encoder,
    require_file,
)
from soundscapes.engine.matching.matcher import Match, rank, reason
from soundscapes.engine.matching.packing import packed, unpacked
from soundscapes.engine.matching.text_vectors import (
    Progress,
    TextVectors,
    described,
    prompt_vectors,
)
from soundscapes.engine.modes import CALM
from soundscapes.engine.photos.reading import read_stored
from soundscapes.engine.sound.clips import Clip
from soundscapes.files import progress as signs
from soundscapes.files.columns import FileColumn
from soundscapes.jobs import queue
from soundscapes.jobs.claims import Claim
from soundscapes.jobs.kinds import JobKind
from soundscapes.limits.admission import admit
from soundscapes.models import Category, Embedding, Generation, Heartbeat, Image, Similarity, State
from soundscapes.models.jobs import RETRIED_STATES

logger = logging.getLogger(__name__)

STAGE = "Matching the image"
RANKED = ("score", "confidence", "rank", "position", "y", "extent", "evidence", "reason")
ENOUGH = 448  # pixels on the short side, twice what CLIP looks at: less is faster to decode


def current_encoder() -> EncoderIdentity:
    """Identify the encoder in use without loading it."""
    return encoder_identity(
        settings.ENCODER,
        cache_dir=settings.ENCODER_CACHE,
        clip_model=settings.CLIP_MODEL,
        clip_weights=_named_weights(),
    )


def check_settings() -> None:
    """Raise EngineError for settings with which no worker could start, or for lost weights.

    Once it runs, the encoder `auto` does without weights that are gone.
    """
    current_encoder()
    if settings.ENCODER == "auto":
        require_file(_named_weights())


def _named_weights() -> Path | None:
    return Path(settings.CLIP_WEIGHTS) if settings.CLIP_WEIGHTS else None


@lru_cache(maxsize=1)
def _load(_slug: str) -> Encoder:
    """Load and cache one encoder. A new slug, once CLIP's weights exist, replaces it."""
    return load_encoder(
        settings.ENCODER,
        cache_dir=settings.ENCODER_CACHE,
        clip_model=settings.CLIP_MODEL,
        clip_weights=_named_weights(),
    )


def encoder() -> Encoder:
    """Return this process's encoder, loaded on first use."""
    return _load(current_encoder().slug)


@lru_cache(maxsize=1)
def _texts() -> TextVectors:
    return TextVectors(settings.ENCODER_CACHE)


def is_prepared() -> bool:
    """Return whether all vectors that `warm_up` computes are on disk."""
    return _prepared_mark().exists()


def _prepared_mark() -> Path:
    """Return the path of a marker named after encoder and texts: a change invalidates it."""
    prompts = list(Category.objects.order_by("slug").values_list("slug", "prompts"))
    texts = json.dumps([prompts, bank_words()])
    digest = hashlib.sha256(texts.encode()).hexdigest()[:16]
    return Path(settings.ENCODER_CACHE / f"prepared-{current_encoder().slug}-{digest}")


def warm_up(progress: Progress | None = None) -> None:
    """Load the encoder, encode a grey image, and cache the vectors of prompts and the bank's words.

    Without a cache, CLIP needs about a minute on one thread and calls `progress` every few seconds.
    """
    encoder().encode_photos([PillowImage.new("RGB", (224, 224), "grey")])
    categories = described(encoder(), [row.to_engine() for row in Category.objects.all()])
    prompts = [prompt for category in categories for prompt in category.prompts]
    _texts().vectors(encoder(), [*prompts, *bank_words()], progress)
    _prepared_mark().touch()


def prepare(progress: Progress | None = None) -> None:
    """Warm up unless that is done. Processes of one machine take turns at it."""
    settings.ENCODER_CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(_lock()):
        if not is_prepared():
            warm_up(progress)


def _lock() -> Path:
    return Path(settings.ENCODER_CACHE / "preparing.lock")


def wait_for_preparation() -> None:
    """Wait while another process prepares the encoder: both at once would take twice as long."""
    while _lock().exists():
        try:
            with FileLock(_lock(), timeout=1.0):
                return
        except Timeout:
            signs.note()


def request_matching(image: Image) -> None:
    """Enqueue the matching, unless it is in progress or the encoder in use has done it."""
    image.refresh_from_db(fields=["state"])  # a worker may have matched it in the meantime
    is_stale = image.state == State.READY and not is_ranked(image)
    if is_stale or image.state in (State.NEW, *RETRIED_STATES):
        queue.enqueue(image)


def make(claim: Claim) -> None:
    """Match an image with every category. Runs in the worker."""
    image = Image.objects.get(pk=claim.pk)
    claim.report(State.MATCHING, STAGE, 20)
    Generation.objects.show_matching(image, STAGE, 10)
    rank_image(image, progress=learning(claim))
    claim.finish()


def learning(claim: Claim) -> Progress:
    """Return a callback that reports a job's progress while it encodes descriptions.

    Descriptions are encoded after new weights or changed prompts.
    """

    def report(done: int, total: int) -> None:
        claim.report(State.MATCHING, f"Encoding descriptions: {done} of {total}", 30)

    return report


def rank_encoding(
    encoding: PhotoEncoding,
    mode: str = CALM,
    progress: Progress | None = None,
    categories: Sequence[CatalogueCategory] = (),
) -> list[Match]:
    """Rank the given categories, by default the offered ones."""
    offered = categories or [row.to_engine() for row in Category.objects.offered()]
    categories = described(encoder(), offered)
    vectors = prompt_vectors(encoder(), _texts(), categories, progress)
    return rank(encoding, categories, vectors, mode=mode)


def rank_image(image: Image, mode: str = CALM, progress: Progress | None = None) -> list[Match]:
    """Rank the offered categories and store the calm ranking.

    An image is encoded once per encoder, but always ranked with the current categories. `progress`
    is called while descriptions are encoded.
    """
    wait_for_preparation()
    encoding = encode_once(image)
    calm = rank_encoding(encoding, progress=progress)
    _store(image, calm)
    return calm if mode == CALM else rank_encoding(encoding, mode)


def fitted(
    encoding: PhotoEncoding,
    matches: Sequence[Match],
    clips: Clips,
    progress: Progress | None = None,
) -> dict[str, list[Clip]]:
    """Weigh clips by how well their words fit a ranked image, for `compose`."""
    return with_fits(
        clips, encoding, matches, partial(_texts().vectors, encoder(), progress=progress)
    )


def encode_again(image: Image) -> str:
    """Encode an image again, without its stored vectors. Return its three best categories."""
    Embedding.objects.filter(image=image, encoder=encoder().slug).delete()
    matches = rank_image(image)
    labels = dict(Category.objects.values_list("slug", "label"))
    return ", ".join(labels[match.category] for match in matches[:3])


def is_ranked(image: Image) -> bool:
    """Return whether the encoder in use has ranked the image, without loading the encoder."""
    return image.similarities.filter(encoder=current_encoder().slug).exists()


def read_image(image: Image) -> PillowImage.Image:
    """Decode a stored image at a size that is sufficient for any encoder."""
    with image.file.open("rb") as file:
        return read_stored(file.read(), ENOUGH)


def encode_once(image: Image) -> PhotoEncoding:
    """Return the image's vectors by the encoder in use, stored or new."""
    slug = encoder().slug
    known = Embedding.objects.filter(image=image, encoder=slug).first()
    if known is not None:
        return unpacked(known)
    encoding = encoder().encode_photos([read_image(image)])[0]
    if trouble := encoder().trouble:
        Heartbeat.objects.report(trouble)
    Embedding.objects.update_or_create(image=image, encoder=slug, defaults=packed(encoding))
    return encoding


def _store(image: Image, matches: list[Match]) -> None:
    if not matches:
        return
    identity = encoder()
    ids = dict(Category.objects.values_list("slug", "pk"))
    rows = [
        Similarity(
            image=image,
            category_id=ids[match.category],
            encoder=identity.slug,
            encoder_name=identity.name,
            score=match.score,
            rank=match.rank,
            confidence=match.confidence,
            position=match.position,
            y=match.y,
            extent=match.extent,
            evidence=match.evidence,
            prompt=match.prompt[:300],
            reason=reason(match)[:500],
        )
        for match in matches
    ]
    if _is_stored(image, rows):
        return
    with transaction.atomic():
        mine = Similarity.objects.filter(image=image, encoder=identity.slug)
        mine.exclude(category__in=[row.category_id for row in rows]).delete()
        Similarity.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["image", "category", "encoder"],
            update_fields=["encoder_name", "prompt", *RANKED],
        )
        unclaimed = Image.objects.filter(pk=image.pk, claimed_by="").exclude(state=State.READY)
        unclaimed.update(state=State.READY, stage="Ready", progress=100, error="")


def _is_stored(image: Image, rows: list[Similarity]) -> bool:
    """Return whether the same ranking is stored, so that nothing is written."""
    facts = ("category_id", *RANKED)
    stored = image.similarities.filter(encoder=rows[0].encoder).values_list(*facts)
    return image.state == State.READY and set(stored) == {
        tuple(getattr(row, fact) for fact in facts) for row in rows
    }


KIND = JobKind(
    name="matching",
    label="Matching an image",
    model=Image,
    run=make,
    quick=Q(),
    result="api_image",
    admit=lambda image: admit(image.owner),
    files=(FileColumn("images", Image, "file"), FileColumn("thumbnails", Image, "thumbnail")),
)
