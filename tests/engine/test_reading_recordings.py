"""Recordings whose header does not say what is in them."""

import io

import numpy as np
import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.reading import open_recording
from tests.engine.recording_files import flac_without_length, ogg_flac, tone, wav_that_says, written
from tests.engine.test_transcoder_process import frequency, read

LONG = 3.0


@pytest.mark.parametrize(
    "make",
    [
        lambda: flac_without_length(tone(LONG)),
        lambda: wav_that_says(0, tone(LONG)),
        lambda: wav_that_says(0xFFFFFFFF, tone(LONG)),
        lambda: wav_that_says(0, tone(LONG), "FLOAT"),
        lambda: wav_that_says(0xFFFFFFFF, tone(LONG), "PCM_24"),
        lambda: written(tone(LONG), "MP3").replace(b"Xing", bytes(4)).replace(b"Info", bytes(4)),
        lambda: bytes(5000) + written(tone(LONG), "MP3"),
        lambda: ogg_flac(tone(LONG)),
        lambda: written(tone(LONG), "WAV", "G721_32"),
    ],
    ids=[
        *("FLAC", "WAV 0", "WAV -1", "floats 0", "24 bits -1", "MP3", "zeros, MP3", "Ogg FLAC"),
        "a codec that libsndfile cannot seek in",
    ],
)
def test_a_length_that_no_header_says_is_found_by_decoding(make):
    seconds, frames = read(make())
    assert seconds == pytest.approx(LONG, abs=0.1)
    assert len(frames) == pytest.approx(LONG * 44_100, rel=0.03)
    assert frequency(frames) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("part", [0.3, 0.8])
def test_a_cut_flac_is_said_to_be_cut(part):
    samples = np.random.default_rng(0).normal(0, 0.1, (44_100 * 3, 1))
    data = written(samples, "FLAC", "PCM_16")
    with pytest.raises(EngineError, match="damaged or incomplete"):
        read(data[: int(len(data) * part)])


@pytest.mark.parametrize("seconds", [5.0, 20.0])
def test_a_cut_mp3_is_said_to_be_cut_and_not_filled_with_repetitions(seconds):
    data = written(tone(seconds), "MP3")
    with pytest.raises(EngineError, match="damaged or incomplete"):
        read(data[: len(data) // 2])


def test_an_mp3_of_unknown_length_behind_a_large_picture_is_read_whole():
    bare = written(tone(LONG), "MP3").replace(b"Xing", bytes(4)).replace(b"Info", bytes(4))
    picture = bytes(200_000)
    size = bytes(len(picture) >> 7 * shift & 0x7F for shift in (3, 2, 1, 0))
    seconds, frames = read(b"ID3\4\0\0" + size + picture + bare)
    assert seconds == pytest.approx(LONG, abs=0.1)
    assert len(frames) == pytest.approx(LONG * 44_100, rel=0.03)


def test_a_flac_that_is_cut_in_its_head_is_said_to_be_cut():
    with pytest.raises(EngineError, match="FLAC file is damaged or incomplete"):
        read(written(tone(), "FLAC")[:60])


@pytest.mark.parametrize("level", [np.nan, np.inf, 1e38])
def test_samples_that_no_sum_can_hold_are_refused(level):
    samples = tone(channels=6)
    samples[100] = level
    with pytest.raises(EngineError, match="invalid samples"):
        read(written(samples, "WAV", "FLOAT"))


def test_what_is_no_recording_is_told_what_is():
    with pytest.raises(EngineError, match=r"cannot be read as audio\. Use WAV, .*M4A"):
        read(b"This is a letter." * 99)


def test_a_surround_vorbis_keeps_its_centre():
    samples = np.zeros((44_100, 6), np.float32)
    samples[:, 1] = tone()[:, 0]  # where Vorbis has it
    with open_recording(io.BytesIO(written(samples, "OGG", "VORBIS"))) as recording:
        left, right = np.concatenate(list(recording.blocks())).T
    assert np.sqrt(np.mean(left**2)) == pytest.approx(0.15, rel=0.05)
    assert np.allclose(left, right, atol=0.01)
