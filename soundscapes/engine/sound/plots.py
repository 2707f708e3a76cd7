"""Images of audio: waveforms and spectrograms."""

import io
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from soundscapes.engine.sound.samples import SAMPLE_RATE

WIDTH, HEIGHT = 800, 256
WINDOW = 2048
LOWEST_HZ, HIGHEST_HZ = 40.0, 18000.0
RANGE_DB = 65.0
AVERAGED = 2
PARTS = 16
WAVEFORM_SIZE = (1200, 800)
BARS = 60
HANN = np.hanning(WINDOW + 1)[:-1].astype(np.float32)

COLOUR_STOPS = (
    (0.00, (8, 10, 24)),
    (0.25, (32, 36, 92)),
    (0.50, (22, 104, 140)),
    (0.72, (62, 172, 138)),
    (0.88, (214, 214, 110)),
    (1.00, (255, 250, 226)),
)
"""From night to sunlight; lightness rises steadily, so that it also works in greyscale."""


def _colour_map() -> NDArray[np.uint8]:
    places, colours = zip(*COLOUR_STOPS, strict=True)
    steps = np.linspace(0, 1, 256)
    channels = [np.interp(steps, places, channel) for channel in zip(*colours, strict=True)]
    return np.asarray(np.rint(np.stack(channels, axis=1)), dtype=np.uint8)


def waveform(samples: NDArray[Any], columns: int) -> list[int]:
    """Return peaks of equal parts of samples, (n,) or (n, channels): 0 to 100, the loudest 100."""
    parts = np.array_split(np.abs(samples), columns)
    peaks = np.array([part.max(initial=0.0) for part in parts])
    top = peaks.max(initial=0.0)
    return [round(100 * float(peak / top)) if top > 0 else 0 for peak in peaks]


def waveform_image(peaks: Sequence[int]) -> Image.Image:
    """Draw peaks (0 to 100) as bars: RGB, 1200 by 800 pixels, deterministic."""
    width, height = WAVEFORM_SIZE
    colours = [tuple(colour) for colour in _colour_map().tolist()]
    image = Image.new("RGB", WAVEFORM_SIZE, colours[0])
    drawing = ImageDraw.Draw(image)
    places = np.linspace(0, max(1, len(peaks)), BARS + 1)
    for number, (start, end) in enumerate(pairwise(places)):
        loudest = max(peaks[int(start) : int(np.ceil(end))], default=0) / 100
        left, half = width * (number + 2) / (BARS + 4), max(6.0, 0.38 * height * loudest)
        box = (left, height / 2 - half, left + 0.6 * width / (BARS + 4), height / 2 + half)
        drawing.rounded_rectangle(box, radius=6, fill=colours[int(64 + 191 * loudest)])
    return image


def spectrogram_png(samples: NDArray[Any]) -> bytes:
    """Return an 800 by 256 PNG of samples of shape (n,) or (n, channels).

    A memory-mapped file is only read where it is drawn. Frequency is logarithmic from 40 Hz to
    18 kHz; level covers the 65 dB below the loudest 0.1 %. Two windows per column are averaged
    (Welch 1967), so that noise looks even and an hour takes no longer than a minute.
    """
    frames = np.asarray(samples).reshape(len(samples), -1)
    if len(frames) < WINDOW:
        frames = np.pad(frames, ((0, WINDOW - len(frames)), (0, 0)))
    starts = np.linspace(0, len(frames) - WINDOW, WIDTH * AVERAGED).astype(np.intp)
    power = np.concatenate([_power(frames, part) for part in np.array_split(starts, PARTS)])
    power = power.reshape(WIDTH, AVERAGED, -1).mean(axis=1).T
    rows = np.geomspace(HIGHEST_HZ, LOWEST_HZ, HEIGHT + 1) * WINDOW / SAMPLE_RATE
    levels = 10 * np.log10(
        np.stack([_band(power, *edges) for edges in pairwise(rows[::-1])]) + 1e-12
    )
    top = np.quantile(levels, 0.999)
    shade = np.clip((levels - top) / RANGE_DB + 1, 0, 1)
    image = Image.fromarray((shade[::-1] * 255).astype(np.uint8))
    image.putpalette(_colour_map().tobytes())  # ten times as fast to write as RGB
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def _power(frames: NDArray[Any], starts: NDArray[np.intp]) -> NDArray[np.floating[Any]]:
    """Return the spectra of the windows at `starts`, over all channels."""
    mono = np.zeros((len(starts), WINDOW), dtype=np.float32)
    for row, start in zip(mono, starts, strict=True):
        for channel in range(frames.shape[1]):
            row += frames[start : start + WINDOW, channel]
    spectra = np.fft.rfft(mono * HANN, axis=1)
    return np.asarray(np.square(spectra.real) + np.square(spectra.imag))


def _band(power: NDArray[np.floating[Any]], low: float, high: float) -> NDArray[np.floating[Any]]:
    """Return the power between fractional bins, interpolated in narrow bands."""
    first, last = int(np.ceil(low)), int(np.floor(high))
    if last > first:
        return np.asarray(power[first : last + 1].mean(axis=0))
    below = int((low + high) / 2)
    part = (low + high) / 2 - below
    return np.asarray((1 - part) * power[below] + part * power[below + 1])
