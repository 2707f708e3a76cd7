"""The building blocks of the bank's recipes keep their levels, ranges and bands."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.sound.bank import dsp
from soundscapes.engine.sound.samples import SAMPLE_RATE

SECOND = SAMPLE_RATE


def rms(sound):
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


def share_within(sound, low, high):
    """Return the share of the power between two frequencies."""
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return power[(frequencies >= low) & (frequencies <= high)].sum() / power.sum()


def test_curves_pass_through_their_points_and_stay_between_them():
    points = [(0.0, 1.0), (0.5, 3.0), (1.0, 2.0)]
    for shape in (dsp.curve, dsp.smooth_curve):
        drawn = shape(101, points)
        assert drawn[[0, 50, 100]] == pytest.approx([1.0, 3.0, 2.0])
        assert drawn.min() >= 1.0
        assert drawn.max() <= 3.0


def test_a_random_drift_stays_within_its_bounds(random):
    drift = dsp.wander(random, SECOND, rate=5, low=200.0, high=300.0)
    assert drift.min() >= 200.0
    assert drift.max() <= 300.0
    assert drift.std() > 0


def test_a_swell_falls_by_60_decibels_over_its_decay():
    swell = dsp.swell(SECOND, attack=0.1, decay=0.5)
    peak = int(swell.argmax())
    assert peak / SAMPLE_RATE == pytest.approx(0.1, abs=0.01)
    later = swell[peak + dsp.samples(0.5)]
    assert 20 * np.log10(later / swell[peak]) == pytest.approx(-60, abs=0.5)


def test_a_burst_is_full_in_the_middle_and_silent_at_its_ends():
    burst = dsp.burst(SECOND, attack=0.1, release=0.2)
    assert burst[[0, -1]] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert burst[SECOND // 2] == pytest.approx(1.0)


def test_a_partial_has_the_requested_pitch():
    pitch = np.full(SECOND, 441.0, dtype=np.float32)
    sound = dsp.partial(dsp.turns(pitch), 2)
    assert share_within(sound, 880, 884) > 0.99


def test_harmonics_are_the_sum_of_partials(random):
    turned = dsp.turns(np.linspace(200, 400, SECOND, dtype=np.float32))
    swelling = np.linspace(0, 1, SECOND, dtype=np.float32)
    found = dsp.harmonics(turned, [0.5, 0.3j, swelling])
    first, second, third = (dsp.partial(turned, k, 0.25 * (k == 2)) for k in (1, 2, 3))
    np.testing.assert_allclose(found, 0.5 * first + 0.3 * second + swelling * third, atol=1e-4)


@pytest.mark.parametrize("length", [10, 40_000, 200_000])
@pytest.mark.parametrize("kernel", [1, 300, 50_000])
def test_a_convolution_is_that_of_scipy(random, length, kernel):
    sound, response = dsp.white(random, length), dsp.white(random, kernel)
    found, expected = dsp.convolved(sound, response), signal.fftconvolve(sound, response)
    np.testing.assert_allclose(found, expected, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("events", [5, 5000])
def test_a_sound_is_repeated_at_its_times(random, events):
    kernel = dsp.white(random, 200)
    times = np.sort(random.uniform(0, 1, events)).astype(np.float32)
    levels = random.uniform(0.5, 1, events).astype(np.float32)
    expected = np.zeros(SECOND, dtype=np.float32)
    for time, level in zip(times, levels, strict=True):
        start = int(time * SAMPLE_RATE)
        expected[start : start + 200] += level * kernel[: SECOND - start]
    found = dsp.scatter(SECOND, times, levels, kernel)
    np.testing.assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize("frequency", [2.0, 45.0, 400.0])
def test_slow_noise_stays_below_its_frequency(random, frequency):
    noise = dsp.slow_noise(random, 4 * SECOND, frequency)
    assert len(noise) == 4 * SECOND
    assert rms(noise) == pytest.approx(1.0, abs=0.01)
    assert share_within(noise, 0, 3 * frequency) > 0.97
    assert share_within(noise, 0, 0.4 * frequency) < 0.7


def test_a_response_is_applied_without_delay(random):
    noise = dsp.white(random, SECOND)
    flat = np.ones(dsp.TAPS // 2 + 1)
    np.testing.assert_allclose(dsp.filtered(noise, flat), noise, atol=1e-4)


def test_a_fade_that_ends_long_before_the_sound_does_stays_finite():
    fade = dsp.fading(dsp.clock(20 * SECOND), 0.1)
    assert fade[SECOND // 10] == pytest.approx(0.001, rel=1e-3)
    assert 0 < fade[-1] < 1e-20


def test_shaped_noise_has_unit_level_within_its_spectrum(random):
    spectrum = [(20.0, -80.0), (900.0, -80.0), (1000.0, 0.0), (2000.0, 0.0), (2200.0, -80.0)]
    noise = dsp.shaped_noise(random, SECOND, spectrum)
    assert rms(noise) == pytest.approx(1.0, abs=0.01)
    assert share_within(noise, 900, 2200) > 0.99


def test_filters_keep_their_bands(random):
    noise = dsp.white(random, SECOND)
    assert share_within(dsp.lowpass(noise, 500, 4), 0, 1000) > 0.95
    assert share_within(dsp.highpass(noise, 5000, 4), 2500, SAMPLE_RATE) > 0.95
    assert share_within(dsp.bandpass(noise, 1000, 2000, 4), 500, 4000) > 0.95


def test_grains_have_a_peak_of_one(random):
    made = dsp.grains(random, 400, 500.0, 5000.0, count=5)
    assert [np.abs(grain).max() for grain in made] == pytest.approx([1.0] * 5)


def test_event_times_are_sorted_in_range_and_match_the_rate(random):
    times = dsp.poisson_times(random, 100.0, rate=20.0)
    assert len(times) == pytest.approx(2000, rel=0.1)
    assert np.all(np.diff(times) >= 0)
    assert 0 <= times.min() <= times.max() <= 100.0


def test_a_sound_is_placed_at_its_time_and_cut_at_the_end():
    target = np.zeros(10, dtype=np.float32)
    dsp.place(target, 3 / SAMPLE_RATE, np.ones(2, dtype=np.float32), 0.5)
    dsp.place(target, 8 / SAMPLE_RATE, np.ones(5, dtype=np.float32))
    assert target.tolist() == [0, 0, 0, 0.5, 0.5, 0, 0, 0, 1, 1]
