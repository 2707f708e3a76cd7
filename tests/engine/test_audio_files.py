"""Reading audio of any subtype and rate, and writing complete files."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import soundfile

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.audio_files import (
    FULL_SCALE,
    read_audio,
    read_clip,
    resample,
    to_segment,
    write_wav,
    writing_wav,
)
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.engine.sound_clips import noise, tone

STEPS = {"PCM_U8": 2**-7, "PCM_16": 2**-15, "PCM_24": 2**-23, "PCM_32": 2**-24, "FLOAT": 2**-24}


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("subtype", STEPS)
def test_every_subtype_is_read_to_its_own_precision(tmp_path, subtype, channels):
    samples = noise(0.2, 3, channels=channels)
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype=subtype)
    read, rate = read_audio(tmp_path / "a.wav")
    assert rate == SAMPLE_RATE
    assert read.dtype == np.float32
    assert read.shape == samples.shape
    assert np.abs(read - samples).max() <= STEPS[subtype]


@pytest.mark.parametrize("extension", ["flac", "ogg", "mp3"])
def test_compressed_files_are_read(tmp_path, extension):
    samples = tone(1.0, 440)
    soundfile.write(tmp_path / f"a.{extension}", samples, SAMPLE_RATE)
    read, _ = read_audio(tmp_path / f"a.{extension}")
    level = np.sqrt(np.mean(read**2))
    assert level == pytest.approx(np.sqrt(np.mean(samples**2)), rel=0.05)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 32000, 44099, 48000, 96000, 192000])
def test_a_tone_keeps_its_pitch_and_length_at_any_rate(tmp_path, rate):
    seconds, frequency = 0.5, 1000.0
    time = np.arange(round(seconds * rate)) / rate
    soundfile.write(tmp_path / "a.wav", 0.5 * np.sin(2 * np.pi * frequency * time), rate)
    read = read_clip(tmp_path / "a.wav")[:, 0]
    assert len(read) == pytest.approx(seconds * SAMPLE_RATE, abs=2)
    spectrum = np.abs(np.fft.rfft(read * np.hanning(len(read))))
    assert np.argmax(spectrum) * SAMPLE_RATE / len(read) == pytest.approx(frequency, abs=2)


def test_surround_recordings_keep_their_centre(tmp_path):
    samples = np.zeros((4410, 6), np.float32)
    samples[:, 2] = noise(0.1, 1)[:4410, 0]
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype="FLOAT")
    left, right = read_clip(tmp_path / "a.wav").T
    assert np.array_equal(left, right)
    assert left == pytest.approx(samples[:, 2] * 2**-0.5)


def test_resampling_an_empty_array_gives_an_empty_array():
    assert resample(np.zeros((0, 1), dtype=np.float32), 48000).shape == (0, 1)


@pytest.mark.parametrize("content", [b"", b"not a sound", b"RIFF\x00\x00\x00\x00WAVE"])
def test_a_file_that_is_not_audio_is_rejected(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(EngineError, match=r"a\.wav cannot be read.*\.$"):
        read_audio(path)


def test_a_missing_file_is_rejected(tmp_path):
    with pytest.raises(EngineError, match="cannot be read"):
        read_audio(tmp_path / "gone.wav")


def test_invalid_samples_are_rejected(tmp_path):
    samples = noise(0.1, 1)
    samples[100] = np.nan
    soundfile.write(tmp_path / "a.wav", samples, SAMPLE_RATE, subtype="FLOAT")
    with pytest.raises(EngineError, match="invalid samples"):
        read_audio(tmp_path / "a.wav")


def test_a_file_is_written_in_16_bits_and_read_back(tmp_path):
    samples = noise(0.2, 5, channels=2)
    write_wav(tmp_path / "a.wav", samples)
    assert soundfile.info(tmp_path / "a.wav").subtype == "PCM_16"
    read, _ = read_audio(tmp_path / "a.wav")
    assert np.abs(read - samples).max() < 2 / FULL_SCALE


def test_a_failed_write_leaves_the_old_file_and_no_partial_one(tmp_path):
    path = tmp_path / "a.wav"
    write_wav(path, noise(0.1, 1))
    before = path.read_bytes()
    with pytest.raises(ValueError, match="invalid literal"), writing_wav(path, channels=1) as file:
        file.write(np.array(["no", "numbers"]))
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("channels", [1, 2])
def test_a_segment_contains_the_samples(channels):
    samples = noise(0.3, 2, channels=channels)
    segment = to_segment(samples[:, 0] if channels == 1 else samples)
    assert (segment.channels, segment.frame_rate, segment.sample_width) == (
        channels,
        SAMPLE_RATE,
        2,
    )
    held = np.array(segment.get_array_of_samples()).reshape(-1, channels)
    assert np.array_equal(held, np.rint(np.clip(samples, -1, 1) * FULL_SCALE))


def test_a_long_segment_takes_no_more_memory_than_its_samples_twice():
    samples = np.zeros((1 << 20, 2), np.float32)
    size = len(to_segment(samples[:9]).raw_data) // 9 * len(samples)
    tracemalloc.start()
    to_segment(samples)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2.3 * size


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT"])
def test_every_subtype_is_read_to_the_same_samples(tmp_path, subtype):
    levels = np.array([[-32768, 32767], [0, -1], [12345, 1]], dtype=np.int16)
    path = tmp_path / "clip.wav"
    soundfile.write(path, levels / 32768, 8000, subtype=subtype)
    frames, rate = read_audio(path)
    assert rate == 8000
    assert frames.dtype == np.float32
    assert np.array_equal(frames, (levels / 32768).astype(np.float32))
