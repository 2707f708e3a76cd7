"""Blocks of MP3: they join as if made in one go, and sound as the soundscape does."""

import io

import numpy as np
import pytest
import soundfile

from soundscapes.engine.errors import EngineError, MissingClipError
from soundscapes.engine.sound.endless.blocks import BLOCK, FADE, FRAME, mp3_block
from soundscapes.engine.sound.endless.continuation import LAST_PART, PART
from soundscapes.engine.sound.loudness import LoudnessMeter
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.renderer import gain_of, render_samples
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import BED, CALLS, paths_of

DURATION = 45.0
DELAY = 1105  # samples of the encoder and the decoder together


@pytest.fixture(scope="module")
def make(library):
    """Return a function that makes a block of one soundscape."""
    plan = make_plan([BED, CALLS], library, duration=DURATION, seed=7, encoder="offline")
    clips = {clip.checksum: clip for clips in library.values() for clip in clips}
    gain_db = gain_of(plan, paths_of(library))

    def made(number, **options):
        return mp3_block(plan, number, clips, lambda clip: clip.path, gain_db, **options)

    made.plan = plan
    return made


@pytest.fixture(scope="module")
def blocks(make):
    return [make(number) for number in range(3)]


def decoded(*made):
    samples, rate = soundfile.read(io.BytesIO(b"".join(made)), dtype="float32")
    assert rate == SAMPLE_RATE
    return samples[DELAY:].T


def level(sound):
    return 10 * np.log10(np.mean(sound**2) + 1e-12)


def loudness(sound):
    """Return the loudness below 8 kHz, because MP3 takes the highest frequencies from noise."""
    spectrum = np.fft.rfft(sound)
    spectrum[:, spectrum.shape[1] * 8000 // (SAMPLE_RATE // 2) :] = 0
    meter = LoudnessMeter()
    meter.feed(np.fft.irfft(spectrum).astype(np.float32))
    return meter.loudness()


def test_blocks_have_whole_frames_and_are_reproducible(make, blocks):
    assert BLOCK % FRAME == 0
    assert make(1) == blocks[1]
    assert len({len(block) for block in blocks}) == 1
    assert decoded(*blocks).shape[1] == pytest.approx(3 * BLOCK, abs=2 * FRAME)


def test_nobody_hears_where_a_block_begins(blocks, make):
    """A block that is decoded after the previous one is as near to its own middle as elsewhere."""
    joined = decoded(*blocks)
    for number in (1, 2):
        alone = decoded(blocks[number])
        seam = slice(number * BLOCK - 600, number * BLOCK + 600)
        jump = np.abs(np.diff(joined[:, seam])).max()
        usual = np.abs(np.diff(joined[:, number * BLOCK + 5000 :])).max()
        assert jump <= usual
        assert level(joined[:, seam]) == pytest.approx(level(alone[:, 600:1800]), abs=2.5)


def test_the_first_seconds_are_the_soundscape(make, library, blocks):
    plan = make.plan
    mixed = render_samples(plan, paths_of(library)).T
    heard = decoded(blocks[0])[:, : mixed.shape[1]]
    after = round(FADE * SAMPLE_RATE)
    difference = heard[:, after:] - mixed[:, after:]
    assert level(difference) < level(mixed[:, after:]) - 3  # what MP3 takes away from noise
    assert loudness(heard[:, after:]) == pytest.approx(loudness(mixed[:, after:]), abs=0.5)
    assert level(heard[:, :2000]) < level(heard[:, after : after + 2000]) - 20


def test_a_block_may_fade_in_and_out(make, blocks):
    length = SAMPLE_RATE // 10
    alone = decoded(make(1))
    rising, falling = decoded(make(1, fades_in=True)), decoded(make(1, fades_out=True))
    assert level(rising[:, :length]) < level(alone[:, :length]) - 20
    assert level(falling[:, -2 * length :]) < level(alone[:, -2 * length :]) - 20
    middle = slice(BLOCK // 2, BLOCK // 2 + length)
    assert level(rising[:, middle]) == pytest.approx(level(alone[:, middle]), abs=0.1)


def test_a_block_that_lies_in_two_parts_has_no_gap(make):
    number = int((DURATION + PART) * SAMPLE_RATE) // BLOCK
    sound = decoded(make(number))
    at = round((DURATION + PART) * SAMPLE_RATE) - number * BLOCK
    levels = [level(sound[:, at + k * 4410 : at + (k + 1) * 4410]) for k in range(-10, 10)]
    assert min(levels) > np.median(levels) - 12


def test_there_is_no_block_after_the_last_part(make):
    with pytest.raises(EngineError, match="parts from 0"):
        make(int(PART * (LAST_PART + 2)) * SAMPLE_RATE // BLOCK)


def test_a_lost_clip_is_named(make, library):
    clips = {clip.checksum: clip for clips in library.values() for clip in clips}
    with pytest.raises(MissingClipError, match="is missing"):
        mp3_block(make.plan, 0, clips, lambda _clip: None, 0.0)
