"""Downmix to two channels by ITU-R BS.775-4, table 2."""

from typing import Literal

import numpy as np

from soundscapes.engine.sound.samples import Frames

Order = Literal["WAV", "Vorbis"]

_HALF_POWER = np.float32(2**-0.5)
_GAINS = {
    "L": (1.0, 0.0),
    "R": (0.0, 1.0),
    "C": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "Ls": (_HALF_POWER, 0.0),
    "Rs": (0.0, _HALF_POWER),
    "Lb": (_HALF_POWER, 0.0),
    "Rb": (0.0, _HALF_POWER),
    "Cs": (0.5, 0.5),
}
_ORDERS: dict[Order, dict[int, str]] = {
    "WAV": {
        3: "L R C",
        4: "L R Ls Rs",
        5: "L R C Ls Rs",
        6: "L R C LFE Ls Rs",
        7: "L R C LFE Cs Ls Rs",
        8: "L R C LFE Lb Rb Ls Rs",
    },
    "Vorbis": {
        3: "L C R",
        4: "L R Ls Rs",
        5: "L C R Ls Rs",
        6: "L C R Ls Rs LFE",
        7: "L C R Ls Rs Cs LFE",
        8: "L C R Ls Rs Lb Rb LFE",
    },
}
"""The channels of Microsoft's WAVE_FORMAT_EXTENSIBLE and FLAC, and of Vorbis and Opus."""


def fold_down(frames: Frames, order: Order = "WAV") -> Frames:
    """Return frames of shape (n, 1) or (n, 2) unchanged, and other ones folded to (n, 2)."""
    channels = frames.shape[1]
    if channels <= 2:
        return frames
    return np.asarray(frames @ _matrix(channels, order), dtype=np.float32)


def _matrix(channels: int, order: Order) -> Frames:
    names = _ORDERS[order].get(channels)
    if names is not None:
        return np.array([_GAINS[name] for name in names.split()], dtype=np.float32)
    pairs = np.resize(np.eye(2, dtype=np.float32), (channels, 2))  # left and right in turns
    return np.asarray(pairs * np.float32((2 / channels) ** 0.5), dtype=np.float32)
