"""Babble has the spectrum and the rhythm of speech, and less of a rhythm the more people talk."""

import numpy as np
import pytest

from soundscapes.engine.sound.bank.babble import ADULTS, CHILDREN, babble, shout
from soundscapes.engine.sound.samples import SAMPLE_RATE

COUNT = 6 * SAMPLE_RATE


@pytest.fixture
def random():
    return np.random.default_rng(3)


def share(sound, low, high):
    power = np.abs(np.fft.rfft(sound)) ** 2
    frequencies = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return power[(frequencies >= low) & (frequencies < high)].sum() / power.sum()


def unrest(sound):
    frames = sound[: len(sound) // 2205 * 2205].reshape(-1, 2205)
    return np.std(20 * np.log10(np.sqrt(np.square(frames).mean(axis=1)) + 1e-6))


def test_most_of_it_lies_where_vowels_have_their_first_formants(random):
    sound = babble(random, COUNT, ADULTS, 8.0, 0.4)
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(1.0, abs=0.01)
    assert share(sound, 90, 1000) > 0.7
    assert share(sound, 4000, 20000) < 0.05


def test_children_have_higher_voices(random):
    children = babble(random, COUNT, CHILDREN, 8.0, 0.4)
    assert share(children, 0, 240) < share(babble(random, COUNT, ADULTS, 8.0, 0.4), 0, 240)


def test_the_more_people_talk_the_steadier_it_is(random):
    few, many = (babble(random, COUNT, ADULTS, talkers, 0.4) for talkers in (3.0, 40.0))
    assert unrest(many) < unrest(few)


def test_a_shout_rises_and_falls(random):
    sound = shout(random, (400.0, 400.0), (0.7, 0.7))
    assert np.abs(sound[:20]).max() < 0.05 > np.abs(sound[-20:]).max()
    assert share(sound, 0, 300) < 0.05
