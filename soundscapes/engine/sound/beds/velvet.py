"""Velvet noise: the decorrelator of plans up to version 5.

The copy is the sound after a few pulses of either sign, denser at first, as early reflections are
(Alary, Politis and Välimäki, "Velvet-noise decorrelator", DAFx 2017). Many times a second another
sequence takes over. Pulses come in pairs of opposite signs, which cancel below 200 Hz.
"""

from functools import lru_cache

import numpy as np

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono

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


def velvet(sound: Mono) -> Mono:
    """Filter overlapping pieces by one sequence each, and add them in equal power.

    Every other cycle of the sequences has the opposite sign, so on average the ears share nothing.
    """
    target = np.zeros(len(sound), dtype=np.float32)
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
    return target


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
