"""The copy in quadrature: a tone is as loud in both ears, and on average they share nothing."""

import base64
import re

import numpy as np
import pytest
from scipy.signal import oaconvolve

from soundscapes.engine.paths import PROJECT
from soundscapes.engine.sound.beds.quadrature import (
    PERIOD,
    REACH,
    SIZE,
    beginning,
    turned,
    write_parts,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE, mono
from tests.engine.sound_clips import noise

SETTLED = slice(REACH, -REACH)
WINDOW = SAMPLE_RATE // 20


def parts_of(sound):
    parts = np.empty((2, len(sound)), dtype=np.float32)
    write_parts(sound, parts)
    return parts


def copied(sound, moment=0):
    return turned(parts_of(sound), moment)


def tone(hertz, length=3 * SAMPLE_RATE):
    return mono(np.sin(2 * np.pi * hertz * np.arange(length) / SAMPLE_RATE))


def levels(sound):
    """Return the level of every twentieth of a second in dB."""
    windows = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW)
    return 10 * np.log10(np.square(windows).mean(axis=1))


@pytest.mark.parametrize("hertz", [700.0, 1234.5, 9000.0])
def test_a_tone_is_as_loud_in_both_ears(hertz):
    sound, copy = tone(hertz)[SETTLED], copied(tone(hertz))[SETTLED]
    assert np.abs(levels(sound + copy) - levels(sound - copy)).max() < 0.3


def test_the_copy_shares_nothing_with_the_sound():
    sound = noise(10.0, 4)[:, 0]
    copy = copied(sound)
    similarity = np.fft.irfft(np.fft.rfft(copy) * np.conj(np.fft.rfft(sound)))
    assert np.square(copy).mean() == pytest.approx(np.square(sound).mean(), rel=0.05)
    assert np.abs(similarity).max() < 0.05 * np.square(sound).sum()


def test_deep_sounds_have_no_copy():
    deep = tone(80)
    assert np.square(copied(deep)[SETTLED]).mean() < 0.01 * np.square(deep).mean()


def test_a_sound_longer_than_a_transform_and_a_period_has_no_seam_in_its_copy():
    around = copied(tone(1000, PERIOD + 2 * SIZE), PERIOD // 2)[SETTLED]
    assert np.abs(np.diff(around)).max() < 1.1 * 2**0.5 * 2 * np.pi * 1000 / SAMPLE_RATE


def test_a_piece_of_a_copy_is_that_of_the_whole():
    parts = parts_of(noise(1.0, 3)[:, 0])
    moment = PERIOD - 30_000
    whole = turned(parts, moment)
    assert np.array_equal(turned(parts[:, 20_000:], moment + 20_000), whole[20_000:])


def test_stretches_begin_at_all_moments():
    moments = np.sort([beginning(offset) for offset in range(100)])
    assert np.diff(moments, prepend=0, append=PERIOD).max() < PERIOD / 5


def constant(script: str, name: str) -> str:
    return re.search(rf'const {name} =\s+"?([^";]+)', script)[1]


def test_the_players_script_has_the_same_filters_and_turns():
    script = (PROJECT / "static" / "js" / "width.js").read_text()
    numbers = np.frombuffer(base64.b64decode(constant(script, "RESPONSE")), dtype="<i2")
    later = numbers.reshape(-1, 2).T / float(constant(script, "FULL"))
    filters = np.hstack((-later[:, ::-1], np.zeros((2, 1)), later))
    rates = map(float, re.findall(r"[\d.]+", constant(script, "RATES")))
    sound = noise(3, seed=1)[:, 0]
    time = np.arange(len(sound)) / SAMPLE_RATE
    turns = sum(np.sin(2 * np.pi * rate * time) for rate in rates)
    phase = float(constant(script, "SWAY")) * turns
    early = later.shape[1]
    copies = [oaconvolve(sound, each)[early : early + len(sound)] for each in filters]
    copy = copies[0] * np.cos(phase) + copies[1] * np.sin(phase)
    apart = (copy - copied(sound))[SETTLED]
    assert np.square(apart).mean() < 0.005 * np.square(sound).mean()
