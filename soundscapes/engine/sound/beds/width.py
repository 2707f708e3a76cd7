"""Width: one mono sound for two ears, which hear the same place at the same time.

A decorrelated copy is added in the left ear and subtracted in the right one, so the sum of both is
the sound itself, without a comb. What one hears in mono has lost the copy; so that no band loses
more than another, the copy has the sound's spectrum.
"""

from collections.abc import Callable

import numpy as np

from soundscapes.engine.sound.beds.all_pass import all_pass
from soundscapes.engine.sound.beds.quadrature import turned, write_parts
from soundscapes.engine.sound.beds.velvet import velvet
from soundscapes.engine.sound.samples import Mono, Planar

COPIES: dict[str, Callable[[Mono], Mono]] = {"velvet": velvet, "all-pass": all_pass}
"""By the names of decorrelators in plans, those whose copies depend on the clip alone."""


def widened(planar: Planar, width: float, decorrelator: str) -> Planar:
    """Prepare a sound of shape (1, n) for `ears`: shape (3, n), or (2, n) by `COPIES`.

    `width` is the share of the power, 0 to 0.5, that differs between them. What is stereo already
    is returned as it is. Arrays are filled in place, because a clip may be long.
    """
    if len(planar) > 1:
        return planar
    shared, apart = np.float32(np.sqrt(1 - width)), np.float32(np.sqrt(width))
    if decorrelator not in COPIES:
        wide = np.empty((3, planar.shape[1]), dtype=np.float32)
        np.multiply(planar[0], shared, out=wide[0])
        write_parts(planar[0], wide[1:])
        wide[1:] *= apart
        return wide
    left, right = both = np.empty((2, planar.shape[1]), dtype=np.float32)
    np.multiply(COPIES[decorrelator](planar[0]), apart, out=left)
    np.multiply(planar[0], shared, out=right)
    right -= left
    left *= 2
    left += right
    return both


def ears(wide: Planar, moment: int) -> Planar:
    """Return what a listener hears, shape (2, n), each ear with the power of the sound.

    `wide` comes from `widened`; `moment` is that of its beginning, in samples, for phases that
    turn. What has one channel or two is returned as it is.
    """
    if len(wide) <= 2:
        return wide
    sound, copy = wide[0], turned(wide[1:], moment)
    left, right = both = np.empty((2, len(copy)), dtype=np.float32)
    np.add(sound, copy, out=left)
    np.subtract(sound, copy, out=right)
    return both
