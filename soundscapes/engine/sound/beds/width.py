"""Width: one mono sound for two ears, which hear the same place at the same time.

A decorrelated copy is added in the left ear and subtracted in the right one, so the sum of both is
the sound itself, without a comb. The copy is the sound after velvet noise: a few pulses of either
sign, denser at first, as early reflections are (Alary, Politis and Välimäki, "Velvet-noise
decorrelator", DAFx 2017). Many times a second another sequence takes over: no tone stays on
one side, and the ears do not share one filter, as coherent sources do. Pulses come in pairs of
opposite signs, which cancel below 200 Hz, where a head is small and both ears hear the same.
"""

from functools import lru_cache

import numpy as np

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar

SEQUENCES = 64
PAIRS = 8
FIRST, LAST = 0.002, 0.03  # seconds from the sound to its first and its last pair
LOWEST = 200.0  # Hz, the corner of what differs

PIECE = SAMPLE_RATE // 10
FADE = PIECE // 4
STEP = PIECE - FADE

GOLDEN = (5**0.5 - 1) / 2  # its multiples are spread evenly

Pulse = tuple[int, bool]
"""Samples after the sound, and whether it is added rather than subtracted."""


def widened(planar: Planar, width: float) -> Planar:
    """Return a sound of shape (1, n) for two ears, shape (2, n), each with its power.

    `width` is the share of the power, 0 to 0.5, that differs between them. What is stereo already
    is returned as it is.
    """
    if len(planar) > 1:
        return planar
    left, right = ears = np.zeros((2, planar.shape[1]), dtype=np.float32)
    _add_decorrelated(planar[0], left)
    left *= np.float32(np.sqrt(width))
    np.multiply(planar[0], np.float32(np.sqrt(1 - width)), out=right)
    right -= left
    left *= 2  # in place, because a clip may be long
    left += right
    return ears


def _add_decorrelated(sound: Mono, target: Mono) -> None:
    """Filter overlapping pieces by one sequence each, and add them to `target` in equal power.

    Every other cycle of the sequences has the opposite sign, so on average the ears share nothing.
    """
    window, sequences = _window(), _sequences()
    for number, start in enumerate(range(-FADE, len(sound), STEP)):
        first = max(0, start)
        piece = sound[first : start + PIECE]
        piece = piece * window[first - start : first - start + len(piece)]
        cycle, sequence = divmod(number, SEQUENCES)
        for delay, is_added in sequences[sequence]:
            part = target[first + delay : first + delay + len(piece)]
            change = np.add if is_added == (cycle % 2 == 0) else np.subtract
            change(part, piece[: len(part)], out=part)


@lru_cache(maxsize=1)
def _window() -> Mono:
    """Return the shape of a piece, at which the pulses together have the power of the sound."""
    rise = np.sin((np.arange(FADE) + 0.5) * (np.pi / 2 / FADE))
    window = np.ones(PIECE)
    window[:FADE], window[-FADE:] = rise, rise[::-1]
    return np.asarray(window / np.sqrt(2 * PAIRS), dtype=np.float32)


@lru_cache(maxsize=1)
def _sequences() -> list[list[Pulse]]:
    """Return sequences that are the same for ever, as raw numbers of the generator are."""
    draw = np.random.PCG64(0).random_raw((SEQUENCES, PAIRS, 2)) / 2.0**64
    grid = (np.arange(PAIRS) + draw[..., 0]) / PAIRS
    first = np.rint(FIRST * (LAST / FIRST) ** grid * SAMPLE_RATE).astype(int)
    # Gaps that are distributed exponentially cancel as a high-pass of the first order does.
    even = np.arange(SEQUENCES * PAIRS).reshape(SEQUENCES, PAIRS) * GOLDEN % 1
    gaps = -np.log(1 - even) / (2 * np.pi * LOWEST)
    apart = np.rint(gaps * SAMPLE_RATE).astype(int) + 1
    return [
        [
            pulse
            for at, gap, sign in zip(*rows, strict=True)
            for pulse in ((int(at), bool(sign < 0.5)), (int(at + gap), bool(sign >= 0.5)))
        ]
        for rows in zip(first, apart, draw[..., 1], strict=True)
    ]
