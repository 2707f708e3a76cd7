"""Building blocks of recipes: noise, grains, resonant modes, envelopes.

All work on whole arrays at 44.1 kHz. Times are in seconds, frequencies in Hz, levels in dB. scipy
is imported on first use, which saves seconds if the bank exists.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import scipy
from numpy.random import Generator
from numpy.typing import NDArray

from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, mono

Points = Sequence[tuple[float, float]]
Edges = float | tuple[float, float]
Pass = Literal["low", "band", "high"]

STEP = 32
"""Samples between the values of a slow curve, which is exact to 1 % at 45 turns a second."""

BLOCK = 2**15
"""Samples of a convolution's blocks, at least."""

TAPS = 4096
"""Of filters that are described by their spectrum: a resolution of 11 Hz."""

CALL, CONVOLUTION = 2000, 12
"""What decides whether a sound is repeated one by one: the time of a call in samples that are added
meanwhile, and that of a convolution for each sample.
"""

FALL = np.float32(-np.log(1000.0))
"""60 dB in nepers."""


def samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def clock(count: int) -> Mono:
    """Return the time of every sample in seconds."""
    return mono(np.arange(count, dtype=np.float32) / np.float32(SAMPLE_RATE))


def curve(count: int, points: Points) -> Mono:
    """Interpolate (position, value) points; positions run from 0 to 1 over `count` samples."""
    places, values = zip(*points, strict=True)
    return mono(np.interp(np.linspace(0, 1, count), places, values))


def smooth_curve(count: int, points: Points) -> Mono:
    """Like `curve`, but smooth and within the range of its points."""
    places, values = zip(*points, strict=True)
    return mono(scipy.interpolate.PchipInterpolator(places, values)(np.linspace(0, 1, count)))


def wander(random: Generator, count: int, rate: float, low: float, high: float) -> Mono:
    """Return a random drift between `low` and `high` with about `rate` turns a second."""
    knots = max(4, int(count / SAMPLE_RATE * rate) + 4)
    places = np.linspace(0, 1, knots)
    spline = scipy.interpolate.CubicSpline(places, random.uniform(low, high, knots))
    values = spline(np.arange(0, count + STEP, STEP) / max(1, count - 1))
    return ramps(np.clip(values, low, high), STEP)[:count]


def ramps(values: NDArray[Any], step: int) -> Mono:
    """Interpolate values that are `step` samples apart; `np.interp` takes several times as long."""
    start, slope = mono(values[:-1, None]), mono(np.diff(values)[:, None] / step)
    return mono(slope * np.arange(step, dtype=np.float32) + start).reshape(-1)


def swell(count: int, attack: float, decay: float) -> Mono:
    """Rise over `attack` seconds (raised cosine), then fall by 60 dB over `decay` seconds."""
    time = clock(count)
    rise = 0.5 - 0.5 * np.cos(np.pi * np.minimum(1, time / max(attack, 1e-4)))
    return mono(rise * fading(np.maximum(0, time - np.float32(attack)), decay))


def fading(time: Mono, decay: float) -> Mono:
    """Return a fall by 60 dB over `decay` seconds, which stops where float32 would get slow."""
    return mono(np.exp(np.maximum(time * (FALL / np.float32(decay)), np.float32(-60.0))))


def burst(count: int, attack: float, release: float) -> Mono:
    """Return a plateau with raised-cosine flanks of `attack` and `release` seconds."""
    level = mono(np.ones(count))
    first, last = (min(count, samples(flank) + 1) for flank in (attack, release))
    level[:first] = np.minimum(1, clock(first) / attack)
    level[count - last :] = np.minimum(level[count - last :], clock(last)[::-1] / release)
    for flank in (level[:first], level[max(first, count - last) :]):
        flank[:] = np.sin(np.pi / 2 * flank) ** 2
    return level


def white(random: Generator, count: int) -> Mono:
    """Return white Gaussian noise of RMS 1."""
    return random.standard_normal(count, dtype=np.float32)


def turns(pitch: Mono) -> NDArray[np.float64]:
    """Integrate `pitch` (Hz) to an oscillator's turns at every sample."""
    return np.asarray(np.cumsum(pitch.astype(np.float64) / SAMPLE_RATE))


def partial(turned: NDArray[np.float64], number: float, offset: float = 0.0) -> Mono:
    """Return the sine of `number` times the turns, offset by `offset` turns.

    Whole turns are removed first, to keep the precision of the faster float32. The remainder of a
    division by 1 is the same, in three times the time.
    """
    places = turned * number
    places += offset
    places -= np.floor(places)
    angle = mono(places)
    angle *= np.float32(2 * np.pi)
    return mono(np.sin(angle, out=angle))


def harmonics(turned: NDArray[np.float64], weights: Sequence[complex | NDArray[Any]]) -> Mono:
    """Return the sum of sines of 1, 2, 3, ... times the turns.

    A weight is an amplitude, a complex one with its phase (`1j` is a cosine), or an amplitude per
    sample. This is a polynomial in the fundamental by Horner's scheme: one product per harmonic.
    """
    fraction = mono(turned - np.floor(turned))
    fraction *= np.float32(2 * np.pi)
    first = np.empty(len(turned), dtype=np.complex64)
    np.cos(fraction, out=first.real)
    np.sin(fraction, out=first.imag)
    total = np.zeros(len(turned), dtype=np.complex64)
    for weight in reversed(weights):
        total += np.asarray(weight, dtype=np.complex64) if np.isscalar(weight) else weight
        total *= first
    return np.ascontiguousarray(total.imag)


def shaped_noise(random: Generator, count: int, spectrum: Points) -> Mono:
    """Return Gaussian noise of RMS 1 with a spectrum of (Hz, dB per Hz) points.

    Levels are linear over log frequency.
    """
    frequencies = np.maximum(scipy.fft.rfftfreq(TAPS, 1 / SAMPLE_RATE), 1.0)
    places, levels = zip(*spectrum, strict=True)
    gains = 10 ** (np.interp(np.log(frequencies), np.log(places), levels) / 20)
    gains[frequencies < 20] = 0
    return unit(filtered(white(random, scipy.fft.next_fast_len(count, real=True)), gains)[:count])


def filtered(sound: Mono, response: NDArray[Any]) -> Mono:
    """Apply a frequency response, shape (TAPS / 2 + 1,), without its delay."""
    kernel = mono(np.roll(scipy.fft.irfft(response, TAPS), TAPS // 2))
    return convolved(sound, kernel)[TAPS // 2 :][: len(sound)]


def convolved(sound: Mono, kernel: Mono) -> Mono:
    """Convolve by overlap-add, in larger blocks than `scipy.signal.oaconvolve`: half the time."""
    whole = scipy.fft.next_fast_len(len(sound) + len(kernel), real=True)
    size = min(whole, max(BLOCK, 2 << len(kernel).bit_length()))
    response = scipy.fft.rfft(kernel, size)
    result = np.zeros(len(sound) + size, dtype=np.float32)
    step = size - len(kernel) + 1
    for start in range(0, len(sound), step):
        block = scipy.fft.rfft(sound[start : start + step], size)
        block *= response
        result[start : start + size] += scipy.fft.irfft(block, size)
    return result[: len(sound) + len(kernel) - 1]


OCTAVES = (88.0, 177.0, 354.0, 707.0, 1414.0, 2828.0, 5657.0, 11314.0, 18500.0)


def octave_noise(
    random: Generator, count: int, levels: Sequence[float], spread: float = 1.5
) -> Mono:
    """Return noise of RMS 1 with the given power (dB) per octave band from 62 Hz.

    The last band is the half octave above 16 kHz. Levels vary by up to `spread` dB, because no two
    recordings have the same colour.
    """
    moved = np.asarray(levels) + random.uniform(-spread, spread, len(levels))
    density = moved - 10 * np.log10(np.asarray(OCTAVES))
    points = list(zip(OCTAVES, density, strict=True))
    return shaped_noise(random, count, [(20.0, density[0] - 12), *points])


def howling(random: Generator, centre: Mono, bandwidth: float) -> Mono:
    """Return a noise band of RMS 1 around a moving `centre` (Hz).

    Slow complex noise on a carrier avoids the transients of a moving filter.
    """
    count, turned = len(centre), turns(centre)
    band = slow_noise(random, count, bandwidth / 2) * partial(turned, 1, 0.25)
    band -= slow_noise(random, count, bandwidth / 2) * partial(turned, 1)
    return unit(band)


def slow_noise(random: Generator, count: int, frequency: float) -> Mono:
    """Return noise of RMS 1 below a frequency, made at a rate that suffices for it."""
    step = min(64, max(1, int(SAMPLE_RATE / (20 * frequency))))
    padded = np.pad(white(random, count), (0, -count % step + step))
    noise = padded.reshape(-1, step) @ np.ones(step, dtype=np.float32)
    return unit(ramps(lowpass(noise, frequency * step, 2), step)[:count])


def grains(random: Generator, size: int, low: float, high: float, count: int) -> list[Mono]:
    """Return `count` noise bursts of peak 1, each in a narrow band between `low` and `high`."""
    made = []
    for _ in range(count):
        centre = float(np.exp(random.uniform(np.log(low), np.log(high))))
        decay = size / SAMPLE_RATE * random.uniform(0.5, 1.0)
        noise = white(random, size) * fading(clock(size), decay)
        grain = bandpass(noise, centre / 1.5, centre * 1.5, 1)
        made.append((grain / np.abs(grain).max()).astype(np.float32))
    return made


def scatter_grains(
    random: Generator, count: int, times: Mono, loudness_spread: float, kinds: Sequence[Mono]
) -> Mono:
    """Place a grain at every time, at levels with a log-normal spread in nepers."""
    choice = random.integers(len(kinds), size=len(times))
    amplitudes = random.lognormal(0, loudness_spread, len(times)).astype(np.float32)
    sound = np.zeros(count, dtype=np.float32)
    for number, kernel in enumerate(kinds):
        mine = choice == number
        if mine.any():
            sound += scatter(count, times[mine], amplitudes[mine], kernel)
    return sound


def bubble(frequency: float, rise: float, ring: float) -> Mono:
    """A bubble that rises in pitch near the surface (K. van den Doel, ACM TAP 2005)."""
    count = samples(ring * 1.5)
    time = clock(count)
    tone = np.sin(2 * np.pi * frequency * (time + rise * time**2))
    return mono(tone * swell(count, 0.001, ring))


def bandpass(x: Mono, low: float, high: float, order: int = 2) -> Mono:
    return _butterworth(x, order, (low, min(high, 21000.0)), "band")


def lowpass(x: Mono, frequency: float, order: int = 2) -> Mono:
    return _butterworth(x, order, frequency, "low")


def highpass(x: Mono, frequency: float, order: int = 2) -> Mono:
    return _butterworth(x, order, frequency, "high")


def _butterworth(x: Mono, order: int, edges: Edges, kind: Pass) -> Mono:
    return mono(scipy.signal.sosfilt(_sections(order, edges, kind), x))


@lru_cache(1000)  # half of the filters recur, and designing one takes as long as filtering 2 s
def _sections(order: int, edges: Edges, kind: Pass) -> NDArray[np.float64]:
    return np.asarray(scipy.signal.butter(order, edges, kind, fs=SAMPLE_RATE, output="sos"))


def peaking(x: Mono, frequency: float, quality: float) -> Mono:
    """Apply a single resonance of gain 1 at its centre."""
    b, a = scipy.signal.iirpeak(frequency, quality, fs=SAMPLE_RATE)
    return mono(scipy.signal.lfilter(b, a, x))


def unit(x: Mono) -> Mono:
    """Scale `x` to RMS 1; silence stays silent."""
    rms = float(np.sqrt(np.mean(np.square(x, dtype=np.float64))))
    return mono(x / np.float32(rms) if rms > 0 else x)


def tamed(x: Mono, crest: float) -> Mono:
    """Compress peaks softly below `crest` times the RMS, to match the level of other sounds."""
    top = np.float32(crest) * np.sqrt(np.mean(np.square(x)))
    return mono(top * np.tanh(x / top))


def poisson_times(random: Generator, seconds: float, rate: float) -> Mono:
    """Return rising times of a Poisson process of `rate` events a second."""
    count = random.poisson(seconds * rate)
    return mono(np.sort(random.uniform(0, seconds, count)))


def modulated_times(random: Generator, density: Mono) -> Mono:
    """Return times of a Poisson process with a rate (events a second) per sample."""
    chance = density / np.float32(SAMPLE_RATE)
    hits = random.random(len(density), dtype=np.float32) < chance
    return mono(np.flatnonzero(hits) / SAMPLE_RATE)


def modes(
    count: int, frequencies: Sequence[float], decays: Sequence[float], levels: Sequence[float]
) -> Mono:
    """Synthesise a struck body as sine modes that fall by 60 dB over their decay.

    Modal synthesis (J.-M. Adrien 1991). `levels` are amplitudes.
    """
    time = clock(count)
    sound = np.zeros(count, dtype=np.float32)
    for frequency, decay, level in zip(frequencies, decays, levels, strict=True):
        if frequency >= SAMPLE_RATE / 2.2:
            continue
        length = min(count, samples(decay * 1.2) + 1)
        t = time[:length]
        tone = partial(t.astype(np.float64), frequency) * fading(t, decay)
        sound[:length] += np.float32(level) * tone
    return sound


def scatter(count: int, times: Mono, amplitudes: Mono, kernel: Mono) -> Mono:
    """Repeat `kernel` at `times` with the given amplitudes."""
    places = np.minimum((times * SAMPLE_RATE).astype(np.int64), count - 1)
    if len(places) * (len(kernel) + CALL) < CONVOLUTION * count:
        sound = np.zeros(count + len(kernel), dtype=np.float32)
        for at, repeated in zip(places.tolist(), amplitudes[:, None] * kernel, strict=True):
            sound[at : at + len(kernel)] += repeated
        return sound[:count]
    impulses = np.zeros(count, dtype=np.float32)
    np.add.at(impulses, places, amplitudes)
    return convolved(impulses, kernel)[:count]


def place(target: Mono, time: float, sound: Mono, gain: float = 1.0) -> None:
    """Add `sound` to `target` at `time`, cutting it off at the end."""
    start = samples(time)
    length = min(len(sound), len(target) - start)
    if length > 0:
        target[start : start + length] += np.float32(gain) * sound[:length]


def room(random: Generator, x: Mono, decay: float, level: float, cutoff: float = 4000.0) -> Mono:
    """Add exponentially decaying, darkened noise as a room's tail; `level` is the wet amplitude.

    J. A. Moorer, "About this reverberation business", 1979.
    """
    size = samples(decay)
    tail = lowpass(white(random, size), cutoff) * fading(clock(size), decay)
    tail[: samples(0.012)] *= curve(samples(0.012), [(0, 0), (1, 1)])
    wet = convolved(x, unit(tail) / np.float32(np.sqrt(size)))[: len(x)]
    return mono(x + np.float32(level) * wet)
