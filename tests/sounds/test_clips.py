"""Taking recordings in."""

import hashlib
import io

import numpy as np
import pytest
import soundfile

from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.models import Clip
from soundscapes.sounds import clips
from tests import factories, sample_files

LONG_ENOUGH = 2 * clips.MIN_SECONDS


@pytest.mark.parametrize("sound_format", ["WAV", "FLAC", "OGG"])
def test_a_recording_is_kept_as_a_wav_at_44100_hz(sound_format):
    samples = sample_files.noise(LONG_ENOUGH)
    recording = clips.read_recording(sample_files.sound(samples, sound_format))
    kept, rate = soundfile.read(io.BytesIO(recording.wav))
    assert rate == SAMPLE_RATE
    assert recording.duration == pytest.approx(LONG_ENOUGH)
    assert recording.checksum == hashlib.sha256(recording.wav).hexdigest()
    assert np.sqrt(np.mean(kept**2)) == pytest.approx(np.sqrt(np.mean(samples**2)), rel=0.1)


def test_a_recording_at_another_rate_keeps_its_length():
    rate = 16_000
    data = sample_files.sound(sample_files.noise(1)[:rate], rate=rate)
    recording = clips.read_recording(data)
    assert recording.duration == pytest.approx(1.0)


def test_a_louder_recording_measures_as_much_louder():
    soft, loud = (
        clips.read_recording(sample_files.sound(sample_files.noise(1, level=level))).loudness
        for level in (0.01, 0.1)
    )
    assert loud - soft == pytest.approx(20, abs=0.1)


def test_a_stereo_recording_stays_stereo():
    pair = np.stack([sample_files.noise(LONG_ENOUGH), sample_files.noise(LONG_ENOUGH, 1)], axis=1)
    recording = clips.read_recording(sample_files.sound(pair))
    assert soundfile.info(io.BytesIO(recording.wav)).channels == 2


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (lambda: b"This is a letter. " * 100, "cannot be read as a sound"),
        (lambda: b"", "cannot be read as a sound"),
        (lambda: sample_files.photo(), "cannot be read as a sound"),
        (lambda: sample_files.sound(np.zeros(SAMPLE_RATE, np.float32)), "silent"),
        (
            lambda: sample_files.sound(sample_files.noise(clips.MIN_SECONDS / 2)),
            "needs 0.2 s at least",
        ),
        (lambda: sample_files.sound(np.zeros(0, np.float32)), "needs 0.2 s at least"),
        (
            lambda: sample_files.sound(
                np.zeros(int(clips.MAX_SECONDS + 60) * 100, np.int16), rate=100
            ),
            "limit is 10",
        ),
    ],
    ids=["text", "empty", "picture", "silent", "short", "no samples", "eleven minutes"],
)
def test_what_is_no_usable_recording_is_refused_in_words(data, words):
    with pytest.raises(clips.ClipError, match=words) as caught:
        clips.read_recording(data())
    assert str(caught.value).endswith(".")


def test_a_refused_recording_is_called_by_no_name_of_the_server_s():
    with pytest.raises(clips.ClipError, match=r"^This file"):
        clips.read_recording(b"This is a letter.")


@pytest.mark.django_db
def test_a_recording_becomes_a_clip_with_its_credits(stored):
    recording = clips.read_recording(sample_files.sound(sample_files.noise(LONG_ENOUGH)))
    assert not clips.is_known(recording)
    category = factories.category_named("dog")
    draft = Clip(category=category, title="My dog", author="Me", licence="CC0")
    clip = clips.add_clip(draft, recording)
    clip.refresh_from_db()
    assert (clip.source, clip.author) == (Clip.Source.UPLOAD, "Me")
    assert stored() == {clip.file.name}
    assert clip.file.read() == recording.wav
    assert clips.is_known(recording)
