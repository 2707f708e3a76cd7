"""A wide bed: two ears that hear one place, and lose little of it if they hear it in mono."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.audio_files import FORMATS, convert, read_clip, write_wav
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.beds.width import ears, widened
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.plan import DECORRELATORS
from soundscapes.engine.sound.planner import BED_DECORRELATOR, BED_WIDTH, LayerRequest, make_plan
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
def heard(waves, request):
    return wide(waves, request.param)


def wide(planar, decorrelator=BED_DECORRELATOR):
    return ears(widened(planar, BED_WIDTH, decorrelator), 0)


def levels(channel):
    """Return the level of every second in dB."""
    seconds = channel[: len(channel) // SAMPLE_RATE * SAMPLE_RATE].reshape(-1, SAMPLE_RATE)
    return 10 * np.log10(np.square(seconds).mean(axis=1))


def mono_loss(both):
    """Return how many dB the worst third of an octave loses in mono."""
    _, power = signal.welch(np.vstack((both, both.mean(axis=0))), SAMPLE_RATE, nperseg=16384)
    edges = np.rint(THIRDS * 16384 / SAMPLE_RATE).astype(int)
    left, right, folded = np.add.reduceat(power, edges, axis=1)[:, :-1]
    return (10 * np.log10((left + right) / 2 / folded)).max()


def test_both_ears_rise_and_fall_together(heard):
    left, right = map(levels, heard)
    assert np.corrcoef(left, right)[0, 1] > 0.95
    assert (left - right).std() < 0.3


@pytest.mark.parametrize("window", [256, 1024, 4096])
def test_the_ears_are_incoherent_above_500_hertz(heard, window):
    frequencies, coherence = signal.coherence(*heard, SAMPLE_RATE, nperseg=window)
    assert coherence[frequencies > 500].mean() < 0.4


def test_the_sum_of_both_ears_is_the_sound_itself(waves, heard):
    assert np.allclose(heard.mean(axis=0), waves[0] * np.sqrt(1 - BED_WIDTH), atol=1e-5)


def test_noise_loses_less_than_a_decibel_in_mono(heard):
    assert mono_loss(heard) < 1.0


def test_a_tone_between_silent_bands_loses_less_than_a_decibel_in_mono():
    random = np.random.default_rng(2)
    wavering = 235 * (1 + 0.02 * np.sin(np.arange(12 * SAMPLE_RATE) / 9000))
    hum = sum(np.sin(k * 2 * np.pi * np.cumsum(wavering) / SAMPLE_RATE) / k for k in (1, 2, 3))
    sound = mono(hum + random.standard_normal(len(hum)))[None]
    assert mono_loss(wide(sound)) < 1.0
    assert mono_loss(wide(sound, "velvet")) > 1.0


def test_a_stroke_again_and_again_loses_less_than_a_decibel_in_mono():
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    stroke = noise(1.0, 5)[:, 0] * np.exp(-time / 0.02)
    sound = mono(np.tile(stroke, 8))[None]
    assert mono_loss(wide(sound)) < 1.0
    assert mono_loss(wide(sound, "velvet")) > 1.0


@pytest.mark.parametrize("category", HARD)
def test_a_minute_of_no_bed_loses_much_more_than_a_decibel_in_mono(category):
    for clip in build_bank(kept.bank(), [category]):
        request = LayerRequest(category, Kind.BED, 0.0, 1, 0.3, 0.0, "")
        plan = make_plan([request], {category: [clip]}, duration=60.0, seed=0, encoder="none")
        mixer = Mixer(plan, {clip.checksum: clip.path})
        assert mono_loss(mixer.block(0, mixer.total)) < 1.25, clip.title


@pytest.mark.parametrize("decorrelator", DECORRELATORS)
def test_a_click_is_spread_over_a_few_hundredths_of_a_second(decorrelator):
    click = np.zeros((1, SAMPLE_RATE), dtype=np.float32)
    click[0, 10_000] = 1.0
    power = np.square(wide(click, decorrelator)).sum(axis=0)
    before = round(0.008 * SAMPLE_RATE) if decorrelator == "quadrature" else 10
    assert power[: 10_000 - before].sum() < 0.001 * power.sum()
    assert power[10_000 - before : 11_700].sum() > 0.99 * power.sum()


def test_a_stereo_recording_stays_as_it_is():
    frames = noise(0.5, 2, channels=2).T
    assert wide(frames) is frames


@pytest.mark.parametrize("decorrelator", DECORRELATORS)
@pytest.mark.parametrize("length", [1, 50, 14_000, 50_001])
def test_a_sound_of_any_length_keeps_its_length_and_about_its_power(length, decorrelator):
    sound = noise(2.0, 3).T[:, :length]
    both = wide(sound, decorrelator)
    assert both.shape == (2, length)
    if length > SAMPLE_RATE:
        assert np.square(both).mean() == pytest.approx(np.square(sound).mean(), rel=0.03)


def test_compressed_downloads_are_as_wide_at_all_frequencies(tmp_path):
    write_wav(tmp_path / "a.wav", wide(noise(5.0, 4).T).T)
    for name in FORMATS:
        convert(tmp_path / "a.wav", tmp_path / f"a.{name}", name, "Rain")
        both = read_clip(tmp_path / f"a.{name}").T
        frequencies, alike = signal.coherence(*both, SAMPLE_RATE, nperseg=2048)
        for low, high in ((500, 6000), (6000, 12_000)):
            assert alike[(frequencies > low) & (frequencies < high)].mean() < 0.55, name
