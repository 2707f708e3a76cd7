"""A voice follows its pitch and is coloured by its formants."""

import numpy as np
import pytest

from soundscapes.engine.sound.bank.voice import Formant, Throat, breath, voice
from soundscapes.engine.sound.samples import SAMPLE_RATE

PITCH = 220.0
FORMANTS = (Formant(700.0, 700.0, 120.0, 1.0), Formant(1200.0, 1200.0, 150.0, 0.5))
STEADY = Throat(jitter=0.0, shimmer=0.0, breath=0.0)


def spectrum(sound):
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    return np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), power


def test_a_steady_voice_is_a_harmonic_series_of_its_pitch(random):
    sound = voice(random, np.full(SAMPLE_RATE, PITCH, dtype=np.float32), FORMANTS, STEADY)
    frequencies, power = spectrum(sound)
    nearest = np.abs(frequencies / PITCH - np.round(frequencies / PITCH)) * PITCH
    assert power[nearest < 5].sum() / power.sum() > 0.99
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(1.0, abs=0.01)


def test_harmonics_at_a_formant_stand_out(random):
    sound = voice(random, np.full(SAMPLE_RATE, PITCH, dtype=np.float32), FORMANTS, STEADY)
    frequencies, power = spectrum(sound)
    strongest = frequencies[power.argmax()]
    assert abs(strongest - FORMANTS[0].start) < PITCH


def test_breath_is_centred_on_the_formants(random):
    sound = breath(random, SAMPLE_RATE, FORMANTS)
    frequencies, power = spectrum(sound)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(1.0, abs=0.01)
    assert power[(frequencies > 350) & (frequencies < 2400)].sum() / power.sum() > 0.8


def test_a_formant_moves_along_its_path():
    assert Formant(500.0, 900.0, 100.0, 1.0).over(3).tolist() == [500.0, 700.0, 900.0]
    assert Formant(0.0, 0.0, 100.0, 1.0, path=(300.0, 900.0, 300.0)).over(5).tolist() == [
        300.0,
        600.0,
        900.0,
        600.0,
        300.0,
    ]
