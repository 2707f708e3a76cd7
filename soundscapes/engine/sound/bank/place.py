"""Acoustics of a place and a microphone."""

import numpy as np
import scipy
from numpy.random import Generator

from soundscapes.engine.sound.bank.dsp import TAPS, burst, filtered, samples, shaped_noise
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono, to_ratio

EDGE = 0.004

TONE_BEFORE = (0.05, 0.3)
TONE_AFTER = (0.6, 1.6)
TONE_DB = (-64.0, -40.0)
TONE_EDGE = 0.25
TONE_COLOUR = ((20.0, 0.0), (120.0, -9.0), (700.0, -23.0), (4000.0, -35.0), (18000.0, -54.0))
"""Room tone of a quiet place with the microphone's hiss: dB per Hz, falling steadily."""

TONE_TILTS = (0.6, 1.25)
TONE_UNREST_DB = 4.0

NEAR, FAR = 1.0, 60.0
ABSORBED = 0.12
"""Distances of the microphone (m), and what air takes of 10 kHz in dB per metre."""

NOISE_DB = (-40.0, -12.0)

RIPPLE_DB = 4.0
RIPPLES = 18
REFLECTIONS = 3
LATEST = 0.007

TURBULENCE_BANDS = 28
TURBULENCE_SECONDS = 0.12
FRAME = 1024


def in_a_place(random: Generator, sound: Mono) -> Mono:
    """Add the room tone of a quiet place under, before and after `sound`."""
    before, after = samples(random.uniform(*TONE_BEFORE)), samples(random.uniform(*TONE_AFTER))
    whole = np.pad(sound * burst(len(sound), EDGE, EDGE), (before, after))
    tone = _tone(random, len(whole))
    frame = samples(0.012)
    frames = sound[: len(sound) // frame * frame].reshape(-1, frame)
    loudest = float(np.sqrt(np.square(frames).mean(axis=1).max()))
    tone *= loudest * to_ratio(random.uniform(*TONE_DB)) * burst(len(whole), TONE_EDGE, TONE_EDGE)
    return mono(whole + tone)


def with_noise(random: Generator, sound: Mono) -> Mono:
    """Add the tone of the place and the recorder to a sound that never pauses."""
    level = float(np.sqrt(np.square(sound).mean())) * to_ratio(random.uniform(*NOISE_DB))
    return mono(sound + level * _tone(random, len(sound)))


def _tone(random: Generator, count: int) -> Mono:
    tilt = random.uniform(*TONE_TILTS)
    tone = shaped_noise(random, count, [(f, tilt * level) for f, level in TONE_COLOUR])
    return through_air(random, tone, TONE_UNREST_DB)


def through_air(random: Generator, sound: Mono, depth_db: float) -> Mono:
    """Fade each band of `sound` separately by `depth_db`, about eight times a second.

    G. A. Daigle, J. E. Piercy and T. F. W. Embleton, "Line-of-sight propagation through atmospheric
    turbulence near the ground", JASA 1983.
    """
    hop = FRAME // 2
    window = np.sqrt(np.hanning(FRAME + 1)[:-1]).astype(np.float32)
    count = -(-len(sound) // hop) + 1
    padded = np.pad(sound, (hop, (count + 1) * hop - hop - len(sound)))
    spectra = scipy.fft.rfft(
        np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::hop] * window
    )
    reach = max(1, round(TURBULENCE_SECONDS * SAMPLE_RATE / hop))
    levels = random.normal(0, 1, (count + reach - 1, TURBULENCE_BANDS))
    slow = np.lib.stride_tricks.sliding_window_view(levels, reach, axis=0).mean(axis=2)
    gains = mono(10 ** (slow * np.sqrt(reach) * depth_db / 20))
    places = np.linspace(np.log(40), np.log(18000), TURBULENCE_BANDS)
    bins = np.log(np.clip(scipy.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE), 40, 18000))
    triangles = np.maximum(0, 1 - np.abs(bins - places[:, None]) / (places[1] - places[0]))
    frames = scipy.fft.irfft(spectra * (gains @ mono(triangles)), FRAME) * window
    halves = frames.reshape(count, 2, hop)
    added = np.concatenate((halves[:, 0], np.zeros((1, hop), dtype=np.float32)))
    added[1:] += halves[:, 1]
    return mono(added.reshape(-1)[hop : hop + len(sound)])


def recorded(random: Generator, sound: Mono) -> Mono:
    """Colour `sound` by the air up to the microphone, early reflections and its response.

    T. F. W. Embleton, "Tutorial on sound propagation outdoors", JASA 1996; the air's absorption is
    that of ISO 9613-1 at 20 °C and a humidity of 50 %.
    """
    distance = np.exp(random.uniform(np.log(NEAR), np.log(FAR)))
    frequencies = scipy.fft.rfftfreq(TAPS, 1 / SAMPLE_RATE)
    places = np.geomspace(30, 20000, RIPPLES)
    ripple = np.interp(
        np.log(np.maximum(frequencies, 1.0)),
        np.log(places),
        random.normal(0, RIPPLE_DB, RIPPLES),
    )
    response = np.ones(len(frequencies), dtype=np.complex128)
    for _ in range(REFLECTIONS):
        delay, gain = random.uniform(0.0004, LATEST), random.uniform(0.05, 0.35)
        softened = gain / (1 + (frequencies / 9000) ** 2)
        response += softened * np.exp(-2j * np.pi * delay * frequencies)
    absorbed = np.minimum(ABSORBED * distance * (frequencies / 10000) ** 1.7, 60.0)
    return filtered(sound, response * 10 ** ((ripple - absorbed) / 20))
