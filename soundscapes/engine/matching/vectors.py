"""Rows of numbers of type float32."""

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]


def unit(rows: npt.NDArray[np.floating]) -> Vectors:
    """Normalise rows; rows of zeros stay zero."""
    lengths = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-12), dtype=np.float32)


def storable(rows: npt.NDArray[np.floating]) -> Vectors:
    """Round to the 16 bits in which places are stored: fresh and stored ones must rank alike."""
    return rows.astype(np.float16).astype(np.float32)
