"""Filters have the responses of scipy's, whatever their order and band."""

import numpy as np
import pytest
from scipy import signal

from soundscapes.engine.sound.bank import butterworth
from soundscapes.engine.sound.samples import SAMPLE_RATE

FREQUENCIES = np.geomspace(5, 22_000, 200)


def response(sections):
    return signal.freqz_sos(sections, FREQUENCIES, fs=SAMPLE_RATE)[1]


def expected(order, edges, kind):
    return response(signal.butter(order, edges, kind, fs=SAMPLE_RATE, output="sos"))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("edge", [20.0, 440.0, 15_000.0])
def test_low_and_high_passes(order, edge):
    low, high = (
        make(edge / SAMPLE_RATE, order) for make in (butterworth.lowpass, butterworth.highpass)
    )
    assert np.allclose(response(low), expected(order, edge, "low"), atol=1e-9)
    assert np.allclose(response(high), expected(order, edge, "high"), atol=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("band", [(20.0, 30.0), (300.0, 5000.0), (10_000.0, 21_000.0)])
def test_bands(order, band):
    found = response(butterworth.bandpass(*(edge / SAMPLE_RATE for edge in band), order))
    assert np.allclose(found, expected(order, band, "band"), atol=1e-9)
