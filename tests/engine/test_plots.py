"""Waveforms and spectrograms show the audio."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from soundscapes.engine.sound.plots import (
    HEIGHT,
    HIGHEST_HZ,
    LOWEST_HZ,
    WAVEFORM_SIZE,
    WIDTH,
    spectrogram_png,
    waveform_image,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise, tone


def image(samples):
    image = Image.open(io.BytesIO(spectrogram_png(samples)))
    assert (image.format, image.size) == ("PNG", (WIDTH, HEIGHT))
    return np.asarray(image.convert("L"), dtype=float)


def test_a_tone_is_a_bright_line_at_its_frequency():
    for frequency in (200.0, 1000.0, 8000.0):
        brightest = int(image(tone(2.0, frequency)).mean(axis=1).argmax())
        shown = HIGHEST_HZ * (LOWEST_HZ / HIGHEST_HZ) ** ((brightest + 0.5) / HEIGHT)
        assert abs(np.log2(shown / frequency)) < 0.15


def test_time_runs_from_left_to_right():
    samples = noise(4.0, 1, channels=2)
    samples[: 2 * SAMPLE_RATE] = 0
    shade = image(samples).mean(axis=0)
    assert shade[: WIDTH // 2 - 5].max() < shade[WIDTH // 2 + 5 :].min()


def test_silence_and_very_short_audio_are_drawn():
    image(np.zeros(SAMPLE_RATE, dtype=np.float32))
    image(np.zeros(1, dtype=np.float32))


def test_a_waveform_image_is_tall_where_the_audio_is_loud():
    quiet_then_loud = [5] * 200 + [100] * 200
    drawn = waveform_image(quiet_then_loud)
    assert (drawn.mode, drawn.size) == ("RGB", WAVEFORM_SIZE)
    pixels = np.asarray(drawn).astype(int)
    filled = (abs(pixels - pixels[0, 0]) > 0).any(axis=2)
    left, right = np.split(filled, 2, axis=1)
    assert right.sum() > 5 * left.sum() > 0
    assert drawn.tobytes() == waveform_image(quiet_then_loud).tobytes()
    assert drawn.tobytes() != waveform_image(quiet_then_loud[::-1]).tobytes()


def test_silence_and_an_empty_waveform_are_drawn():
    for peaks in ([], [0], [0] * 1000):
        assert waveform_image(peaks).size == WAVEFORM_SIZE
