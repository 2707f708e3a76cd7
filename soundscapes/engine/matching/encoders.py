"""Choice of the encoder. Heavy imports wait until an encoder is loaded."""

from dataclasses import dataclass
from pathlib import Path

from soundscapes.engine.errors import EncoderUnavailableError, EngineError
from soundscapes.engine.matching.clip import clip_encoder
from soundscapes.engine.matching.clip.published import MODELS
from soundscapes.engine.matching.clip.weights import find_weights
from soundscapes.engine.matching.encoder import Encoder
from soundscapes.engine.matching.offline import offline_encoder
from soundscapes.engine.matching.siglip import siglip_encoder

CHOICES = ("auto", "clip", "siglip", "offline")
DEFAULT_CLIP_MODEL = "ViT-B/32"


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """`slug` is stored with every vector; `name` is shown to people.

    A text whose cosine similarity with an image is below `least_similarity` does not describe it.
    """

    slug: str
    name: str
    least_similarity: float


def encoder_identity(
    choice: str = "auto",
    *,
    cache_dir: Path,
    clip_model: str = DEFAULT_CLIP_MODEL,
    clip_weights: Path | None = None,
) -> EncoderIdentity:
    """Identify the encoder of `load_encoder` without loading it; raise the same errors."""
    if choice == "siglip":
        folder = _siglip_folder(clip_weights)
        slug, name = siglip_encoder.slug_of(folder), siglip_encoder.name_of(folder)
        return EncoderIdentity(slug, name, siglip_encoder.LEAST_SIMILARITY)
    if _weights(choice, cache_dir, clip_model, clip_weights) is None:
        return EncoderIdentity(
            offline_encoder.SLUG, offline_encoder.NAME, offline_encoder.LEAST_SIMILARITY
        )
    slug = clip_encoder.slug_of(clip_model, clip_weights)
    return EncoderIdentity(slug, clip_encoder.name_of(clip_model), clip_encoder.LEAST_SIMILARITY)


def load_encoder(
    choice: str = "auto",
    *,
    cache_dir: Path,
    clip_model: str = DEFAULT_CLIP_MODEL,
    clip_weights: Path | None = None,
) -> Encoder:
    """Return the encoder: "clip", "siglip", "offline", or "auto" (CLIP if its weights exist).

    `clip_weights` is a file, or SigLIP's folder. Models load on first use. Raise
    EncoderUnavailableError for "clip" or "siglip" without weights, EngineError for an unknown
    choice or model.
    """
    if choice == "siglip":
        return siglip_encoder.SiglipEncoder(_siglip_folder(clip_weights), cache_dir)
    weights = _weights(choice, cache_dir, clip_model, clip_weights)
    if weights is None:
        return offline_encoder.OfflineEncoder(cache_dir)
    return clip_encoder.ClipEncoder(clip_model, weights, cache_dir, is_own=clip_weights is not None)


def _siglip_folder(clip_weights: Path | None) -> Path:
    if clip_weights is None:
        raise EncoderUnavailableError(
            "SigLIP needs its folder. Name it in SOUNDSCAPES_CLIP_WEIGHTS."
        )
    return clip_weights


def _weights(
    choice: str, cache_dir: Path, clip_model: str, clip_weights: Path | None
) -> Path | None:
    if choice not in CHOICES:
        raise EngineError(f"Unknown encoder “{choice}”. Choose one of {', '.join(CHOICES)}.")
    if choice == "offline":
        return None
    if clip_model not in MODELS:
        raise EngineError(
            f"Unknown CLIP model “{clip_model}”. Set SOUNDSCAPES_CLIP_MODEL to one of "
            f"{', '.join(MODELS)}."
        )
    found = find_weights(clip_model, cache_dir, clip_weights)
    if found is None and choice == "clip":
        require_file(clip_weights)
        raise EncoderUnavailableError(
            f"CLIP {clip_model} needs its weights. "
            "Run “manage.py fetch_weights”, or choose the offline encoder."
        )
    return found


def require_file(clip_weights: Path | None) -> None:
    """Raise EncoderUnavailableError for named weights that are no file."""
    if clip_weights is not None and not clip_weights.is_file():
        raise EncoderUnavailableError(
            f"{clip_weights} is not a file. Correct SOUNDSCAPES_CLIP_WEIGHTS, or remove it to use "
            "the published weights."
        )
