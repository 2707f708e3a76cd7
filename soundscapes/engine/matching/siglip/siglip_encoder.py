"""SigLIP and SigLIP 2 of a fixed resolution, from a folder as transformers reads it.

X. Zhai et al., "Sigmoid Loss for Language Image Pre-Training", ICCV 2023; M. Tschannen et al.,
"SigLIP 2: Multilingual Vision-Language Encoders", 2025. Devices, number formats and places are
those of CLIP.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from soundscapes.engine.checksums import fingerprint
from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.clip.image_tower import Rows, Tower, photo_tower
from soundscapes.engine.matching.clip.squares import Squares
from soundscapes.engine.matching.clip.towers import BATCH, Towers

if TYPE_CHECKING:
    from soundscapes.engine.matching.clip.one_pass import SquareNetwork

LEAST_SIMILARITY = 0.1
"""Of a text and an image that it may describe: the sigmoid of published weights says 1 to 30 %."""

WEIGHTS = "model.safetensors"


def slug_of(folder: Path) -> str:
    """Return the slug of a model's folder. Raise EncoderUnavailableError for any other folder."""
    try:
        kind = json.loads((folder / "config.json").read_text())["model_type"]
        slug = f"siglip-1-{fingerprint(folder / WEIGHTS)}"
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(folder) from error
    if kind != "siglip":  # such as siglip2, whose images have any shape
        raise _unusable(folder)
    return slug


def name_of(folder: Path) -> str:
    return f"SigLIP ({folder.name})"


def _unusable(folder: Path) -> EncoderUnavailableError:
    return EncoderUnavailableError(
        f"{folder} contains no SigLIP model. Download one of a fixed resolution, for example "
        "google/siglip2-base-patch16-224, and name its folder in SOUNDSCAPES_CLIP_WEIGHTS."
    )


class SiglipEncoder(ClipEncoder):
    """SigLIP with its own tokeniser and preprocessing: images are squeezed, not cut."""

    templates = ("this is a photo of {}.",)

    def __init__(self, folder: Path, cache_dir: Path) -> None:
        super().__init__("", folder / WEIGHTS, cache_dir)
        self.slug, self.name = slug_of(folder), name_of(folder)

    def _squares(self, _size: tuple[int, int], side: int) -> Squares:
        return Squares(side, (side, side), (0,), (0,), Image.Resampling.BILINEAR)

    def _towers_on(self, device: str) -> SiglipTowers:
        return SiglipTowers(self._weights, self._networks, device)


class SiglipTowers(Towers):
    def __init__(self, weights: Path, networks: Path, device: str) -> None:
        self.device = device
        self._weights, self._networks = weights, networks

    @cached_property
    def image(self) -> Tower:
        made_of = f"siglip 1|{fingerprint(self._weights)}"
        return photo_tower(self._networks, made_of, self._one_pass, self.device)

    def texts(self, texts: Sequence[str]) -> Rows:
        """Return (n, dimension), not normalised. The model was trained on lower case."""
        import torch

        lower = [text.lower() for text in texts]
        options = {"padding": "max_length", "truncation": True, "return_tensors": "pt"}
        tokens = self._tokenizer(lower, max_length=self._length, **options).input_ids
        with torch.inference_mode():
            rows = [
                self._siglip.get_text_features(batch.to(self.device)).pooler_output.cpu().numpy()
                for batch in tokens.split(BATCH)
            ]
        return np.concatenate(rows)

    @property
    def _length(self) -> int:
        """The number of tokens of every text, with padding."""
        return int(self._siglip.text_model.config.max_position_embeddings)

    @cached_property
    def _siglip(self) -> Any:
        from transformers import SiglipModel

        model: Any = SiglipModel.from_pretrained(  # nosec B615  # a folder, no download
            self._weights.parent, local_files_only=True, use_safetensors=True, dtype="float32"
        )
        return model.eval().requires_grad_(requires_grad=False).to(self.device)

    @cached_property
    def _tokenizer(self) -> Any:
        from transformers import AutoTokenizer

        folder = self._weights.parent
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)  # nosec B615

    def _one_pass(self) -> SquareNetwork:
        from soundscapes.engine.matching.siglip.siglip_pass import SiglipPass

        return SiglipPass(self._siglip.vision_model).eval()
