"""Reading and storing recordings."""

import hashlib
import io
import struct
import tracemalloc

import numpy as np
import pytest
import soundfile

from soundscapes.engine.recordings.clip_files import MIN_SECONDS
from soundscapes.engine.recordings.reading import MAX_SECONDS
from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.models import Clip
from soundscapes.sounds import clips
from tests import factories, sample_files
from tests.engine.recording_files import flac_without_length

LONG_ENOUGH = 2 * MIN_SECONDS


def read(data: bytes) -> clips.Recording:
    return clips.read_recording(io.BytesIO(data))


def data_of(recording: clips.Recording) -> bytes:
    recording.wav.seek(0)
    return recording.wav.read()


@pytest.mark.parametrize("sound_format", ["WAV", "FLAC", "OGG"])
def test_a_recording_is_stored_as_a_wav_at_44100_hz(sound_format):
    samples = sample_files.noise(LONG_ENOUGH)
    recording = read(sample_files.sound(samples, sound_format))
    kept, rate = soundfile.read(recording.wav)
    assert rate == SAMPLE_RATE
    assert recording.duration == pytest.approx(LONG_ENOUGH)
    assert recording.checksum == hashlib.sha256(data_of(recording)).hexdigest()
    assert np.sqrt(np.mean(kept**2)) == pytest.approx(np.sqrt(np.mean(samples**2)), rel=0.1)


def test_a_recording_at_another_rate_keeps_its_duration():
    rate = 16_000
    data = sample_files.sound(sample_files.noise(1)[:rate], rate=rate)
    recording = read(data)
    assert recording.duration == pytest.approx(1.0)


def test_the_measured_loudness_follows_the_level():
    soft, loud = (
        read(sample_files.sound(sample_files.noise(1, level=level))).loudness
        for level in (0.01, 0.1)
    )
    assert loud - soft == pytest.approx(20, abs=0.1)


def test_a_stereo_recording_stays_stereo():
    pair = np.stack([sample_files.noise(LONG_ENOUGH), sample_files.noise(LONG_ENOUGH, 1)], axis=1)
    recording = read(sample_files.sound(pair))
    assert soundfile.info(recording.wav).channels == 2


def test_opposite_channels_are_as_loud_as_they_are_played():
    one = sample_files.noise(1)
    alike, opposite = (
        read(sample_files.sound(np.stack([one, other], axis=1))) for other in (one, -one)
    )
    assert opposite.loudness == pytest.approx(alike.loudness, abs=0.1)
    assert opposite.loudness == pytest.approx(read(sample_files.sound(one)).loudness, abs=0.1)
    assert opposite.peaks == alike.peaks


def test_a_recording_of_more_than_ten_minutes_without_a_length_is_refused_while_it_is_decoded():
    silence = np.zeros((int(MAX_SECONDS + 60) * 8000, 1), np.int16)
    with pytest.raises(clips.ClipError, match="longer than 10 minutes"):
        read(flac_without_length(silence, 8000))


@pytest.mark.parametrize("sound_format", ["WAV", "FLAC"])
def test_a_recording_of_six_channels_is_kept_as_two(sound_format):
    samples = np.zeros((SAMPLE_RATE, 6), np.float32)
    samples[:, 2] = sample_files.noise(1)
    recording = read(sample_files.sound(samples, sound_format))
    kept, _rate = soundfile.read(recording.wav)
    assert kept.shape[1] == 2
    assert np.sqrt(np.mean(kept**2)) == pytest.approx(0.1 * 2**-0.5, rel=0.02)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: b"This is a letter. " * 100, "cannot be read as audio"),
        (lambda: b"", "cannot be read as audio"),
        (lambda: sample_files.photo(), "cannot be read as audio"),
        (lambda: sample_files.sound(np.zeros(SAMPLE_RATE, np.float32)), "silent"),
        (
            lambda: sample_files.sound(sample_files.noise(MIN_SECONDS / 2)),
            "shorter than 0.2 s",
        ),
        (lambda: sample_files.sound(np.zeros(0, np.float32)), "shorter than 0.2 s"),
        (
            lambda: sample_files.sound(np.zeros(int(MAX_SECONDS + 60) * 100, np.int16), rate=100),
            "longer than 10 minutes",
        ),
    ],
    ids=["text", "empty", "image", "silent", "short", "no samples", "eleven minutes"],
)
def test_unusable_recordings_are_rejected_with_a_message(data, words):
    with pytest.raises(clips.ClipError, match=words) as caught:
        read(data())
    assert str(caught.value).endswith(".")


def test_errors_do_not_reveal_server_paths():
    with pytest.raises(clips.ClipError, match=r"^The file"):
        read(b"This is a letter.")


@pytest.mark.django_db
def test_a_recording_becomes_a_clip_with_its_credits(stored):
    recording = read(sample_files.sound(sample_files.noise(LONG_ENOUGH)))
    assert not clips.is_known(recording)
    category = factories.category_named("dog")
    draft = Clip(category=category, title="My dog", author="Me", licence="CC0")
    clip = clips.add_clip(draft, recording)
    clip.refresh_from_db()
    assert (clip.source, clip.author) == (Clip.Source.UPLOAD, "Me")
    assert stored() == {clip.file.name}
    assert clip.file.read() == data_of(recording)
    assert clips.is_known(recording)


def test_too_many_samples_are_rejected_before_decoding():
    rate = 96_000
    data = bytearray(sample_files.sound(np.zeros((rate, 8), np.int16), "FLAC", rate))
    data[22:26] = struct.pack(">I", 590 * rate)  # the number of frames in its header
    with pytest.raises(clips.ClipError, match=r"8 channels at 96,000 Hz.*Export it as stereo"):
        read(bytes(data))


@pytest.mark.once
def test_ten_minutes_are_decoded_in_constant_memory(tmp_path):
    path, rate = tmp_path / "long.flac", 48_000
    second = (sample_files.noise(1.2)[:rate, None] * np.ones(2) * 32767).astype(np.int16)
    with soundfile.SoundFile(path, "w", rate, 2, "PCM_16", format="FLAC") as file:
        for _second in range(590):
            file.write(second)
    tracemalloc.start()
    with path.open("rb") as recording:
        clips.read_recording(recording)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60e6  # at once, its samples would take 208 MB
