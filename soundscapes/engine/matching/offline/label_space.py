"""The joint space of the offline encoder: sentence vectors, spread apart where labels crowd.

Sentence vectors share a common direction and vary far more in some directions than in others, so
that a few short prompts are near to every picture. Both are taken out with the statistics of the
thousand labels: their mean is subtracted and the space is half whitened. J. Mu, P. Viswanath,
"All-but-the-Top", ICLR 2018; J. Su et al., "Whitening Sentence Representations", 2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching.encoder import Vectors, unit

WHITENING = 0.25  # 0 leaves the space as it is, 0.5 makes every direction equal
_FLOOR = 0.05  # of the mean variance, added to each direction's


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """`labels` (n, d): the labels' vectors in the space; `mean` (d,) and `transform` (d, d) take
    sentence vectors there."""

    labels: Vectors
    mean: Vectors
    transform: Vectors

    @classmethod
    def fit(cls, sentences: Vectors, whitening: float = WHITENING) -> LabelSpace:
        """The space in which the labels with these sentence vectors (n, d) are spread apart."""
        mean = sentences.mean(axis=0, dtype=np.float64)
        centred = sentences - mean
        variances, directions = np.linalg.eigh(centred.T @ centred / len(sentences))
        scales = (variances.clip(0.0) + _FLOOR * variances.mean()) ** -whitening
        transform = (directions * scales) @ directions.T
        labels, mean, transform = (
            array.astype(np.float32) for array in (centred @ transform, mean, transform)
        )
        return cls(labels, mean, transform)

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Vectors]) -> LabelSpace | None:
        """The space that `arrays` gave away, or None when they are not one."""
        if set(arrays) != {"labels", "mean", "transform"}:
            return None
        return cls(**arrays)

    def arrays(self) -> dict[str, Vectors]:
        """What `from_arrays` takes."""
        return {"labels": self.labels, "mean": self.mean, "transform": self.transform}

    def pictures(self, chances: npt.NDArray[np.float32]) -> Vectors:
        """Unit vectors (m, d) of pictures with these label probabilities (m, n): ConSE."""
        return unit(chances @ self.labels)

    def texts(self, sentences: Vectors) -> Vectors:
        """Unit vectors (m, d) of texts with these sentence vectors (m, d)."""
        return unit((sentences - self.mean) @ self.transform)
