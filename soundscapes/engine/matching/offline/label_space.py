"""Joint space of the offline encoder: sentence vectors, half whitened.

Raw sentence vectors share a common direction and vary unevenly, so short prompts are close to
every image. The mean of the labels' vectors is subtracted and the space is half whitened. J. Mu,
P. Viswanath, "All-but-the-Top", ICLR 2018; J. Su et al., "Whitening Sentence Representations",
2021.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching.vectors import Vectors, unit

WHITENING = 0.25  # 0 leaves the space unchanged, 0.5 makes all directions equal
_FLOOR = 0.05  # of the mean variance, added to each direction's


@dataclass(frozen=True, slots=True)
class LabelSpace:
    """`labels` (n, d) are in the space; `mean` (d,) and `transform` (d, d) map sentences to it."""

    labels: Vectors
    mean: Vectors
    transform: Vectors

    @classmethod
    def fit(cls, sentences: Vectors, whitening: float = WHITENING) -> LabelSpace:
        """Fit a space that spreads apart the labels with these sentence vectors (n, d)."""
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
        """Restore a space from `arrays`, or return None if they are not one."""
        if set(arrays) != {"labels", "mean", "transform"}:
            return None
        return cls(**arrays)

    def arrays(self) -> dict[str, Vectors]:
        return {"labels": self.labels, "mean": self.mean, "transform": self.transform}

    def images(self, chances: npt.NDArray[np.float32]) -> Vectors:
        """Return unit vectors (m, d) from label probabilities (m, n), as ConSE does."""
        return unit(chances @ self.labels)

    def texts(self, sentences: Vectors) -> Vectors:
        """Return unit vectors (m, d) from sentence vectors (m, d)."""
        return unit((sentences - self.mean) @ self.transform)
