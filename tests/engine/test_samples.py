"""Samples as float32, and decibels as amplitude ratios."""

import numpy as np
import pytest

from soundscapes.engine.sound.samples import mono, to_decibels, to_ratio


@pytest.mark.parametrize("decibels", [-120.0, -6.0, 0.0, 12.5])
def test_decibels_and_ratios_are_inverse(decibels):
    assert to_decibels(to_ratio(decibels)) == pytest.approx(decibels)


def test_ten_times_the_amplitude_is_twenty_decibels():
    assert to_decibels(10 * 0.03) - to_decibels(0.03) == pytest.approx(20)


def test_silence_is_minus_infinity_decibels():
    assert to_decibels(0.0) == float("-inf")
    assert to_ratio(float("-inf")) == 0


def test_values_of_any_type_become_float32_and_float32_is_not_copied():
    values = mono([1, 2.5, True])
    assert values.dtype == np.float32
    assert values.tolist() == [1, 2.5, 1]
    assert mono(values) is values
