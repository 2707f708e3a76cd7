"""A wide bed: two ears that hear one place, and lose little of it if they hear it in mono."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.sound.audio_files import FORMATS, convert, read_clip, write_wav
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.beds.width import widened
from soundscapes.engine.sound.plan import DECORRELATORS
from soundscapes.engine.sound.planner import BED_DECORRELATOR, BED_WIDTH
from soundscapes.engine.sound.samples import SAMPLE_RATE, mono
from tests import kept
from tests.engine.sound_clips import noise

THIRDS = 50 * 2 ** (np.arange(27) / 3)
HARD = ("bees", "cooking", "rigging", "stream")
"""Beds of the bank with tones beside bands where they have nothing, and rare events."""


@pytest.fixture(scope="module")
def waves():
    """Return noise that swells every few seconds, shape (1, n)."""
    time = np.arange(30 * SAMPLE_RATE) / SAMPLE_RATE
    swell = 1 + 0.8 * np.sin(2 * np.pi * time / 7)
    return (noise(30.0, 1)[:, 0] * swell).astype(np.float32)[None]


@pytest.fixture(scope="module", params=DECORRELATORS)
def ears(waves, request):
    return widened(waves, BED_WIDTH, request.param)


def levels(channel):
    """Return the level of every second in dB."""
    seconds = channel[: len(channel) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE)
    return 10 * np.log10(np.square(seconds).mean(axis=1))


def mono_loss(ears):
    """Return how many dB the worst third of an octave loses in mono."""
    _, power = signal.welch(np.vstack((ears, ears.mean(axis=0))), SAMPLE_RATE, nperseg=16384)
    edges = np.rint(THIRDS * 16384 / SAMPLE_RATE).astype(int)
    left, right, folded = np.add.reduceat(power, edges, axis=1)[:, :-1]
    return (10 * np.log10((left + right) / 2 / folded)).max()


def test_both_ears_rise_and_fall_together(ears):
    left, right = map(levels, ears)
    assert np.corrcoef(left, right)[0, 1] > 0.95
    assert (left - right).std() < 0.3


@pytest.mark.parametrize("window", [256, 1024, 4096])
def test_the_ears_are_incoherent_above_500_hertz(ears, window):
    frequencies, coherence = signal.coherence(*ears, SAMPLE_RATE, nperseg=window)
    assert coherence[frequencies > 500].mean() < 0.4


def test_the_sum_of_both_ears_is_the_sound_itself(waves, ears):
    assert np.allclose(ears.mean(axis=0), waves[0] * np.sqrt(1 - BED_WIDTH), atol=1e-5)


def test_noise_loses_less_than_a_decibel_in_mono(ears):
    assert mono_loss(ears) < 1.0


def test_a_tone_between_silent_bands_loses_less_than_a_decibel_in_mono():
    random = np.random.default_rng(2)
    wavering = 235 * (1 + 0.02 * np.sin(np.arange(12 * SAMPLE_RATE) / 9000))
    hum = sum(np.sin(k * 2 * np.pi * np.cumsum(wavering) / SAMPLE_RATE) / k for k in (1, 2, 3))
    sound = mono(hum + random.standard_normal(len(hum)))[None]
    assert mono_loss(widened(sound, BED_WIDTH, BED_DECORRELATOR)) < 1.0
    assert mono_loss(widened(sound, BED_WIDTH, "velvet")) > 1.0


def test_a_single_stroke_loses_less_than_a_decibel_in_mono():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    sound = np.zeros((1, 3 * SAMPLE_RATE), dtype=np.float32)
    sound[0, SAMPLE_RATE:-SAMPLE_RATE] = noise(1.0, 5)[:, 0] * np.exp(-time / 0.02)
    assert mono_loss(widened(sound, BED_WIDTH, BED_DECORRELATOR)) < 1.0
    assert mono_loss(widened(sound, BED_WIDTH, "velvet")) > 1.0


@pytest.mark.parametrize("category", HARD)
def test_no_bed_of_the_bank_loses_a_decibel_in_mono(category):
    for clip in build_bank(kept.bank(), [category]):
        sound = read_clip(clip.path)[:, 0][None]
        assert mono_loss(widened(sound, BED_WIDTH, BED_DECORRELATOR)) < 1.0, clip.title


@pytest.mark.parametrize("decorrelator", DECORRELATORS)
def test_a_click_is_spread_over_a_few_hundredths_of_a_second_afterwards(decorrelator):
    click = np.zeros((1, SAMPLE_RATE), dtype=np.float32)
    click[0, 10_000] = 1.0
    power = np.square(widened(click, BED_WIDTH, decorrelator)).sum(axis=0)
    assert power[:9_990].sum() < 0.001 * power.sum()
    assert power[10_000:11_700].sum() > 0.99 * power.sum()


def test_a_stereo_recording_stays_as_it_is():
    frames = noise(0.5, 2, channels=2).T
    assert widened(frames, BED_WIDTH, BED_DECORRELATOR) is frames


@pytest.mark.parametrize("decorrelator", DECORRELATORS)
@pytest.mark.parametrize("length", [1, 50, 14_000, 50_001])
def test_a_sound_of_any_length_keeps_its_length_and_about_its_power(length, decorrelator):
    sound = noise(2.0, 3).T[:, :length]
    wide = widened(sound, BED_WIDTH, decorrelator)
    assert wide.shape == (2, length)
    if length > SAMPLE_RATE:
        assert np.square(wide).mean() == pytest.approx(np.square(sound).mean(), rel=0.03)


def test_compressed_downloads_are_as_wide_at_all_frequencies(tmp_path):
    wide = widened(noise(5.0, 4).T, BED_WIDTH, BED_DECORRELATOR)
    write_wav(tmp_path / "a.wav", wide.T)
    for name in FORMATS:
        convert(tmp_path / "a.wav", tmp_path / f"a.{name}", name, "Rain")
        ears = read_clip(tmp_path / f"a.{name}").T
        frequencies, alike = signal.coherence(*ears, SAMPLE_RATE, nperseg=2048)
        for low, high in ((500, 6000), (6000, 12_000)):
            assert alike[(frequencies > low) & (frequencies < high)].mean() < 0.55, name
