"""Stored audio read with another title, and as WAV."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile

from soundscapes.engine.sound.audio_files import write_flac, writing_wav
from soundscapes.engine.sound.credits import SOFTWARE
from soundscapes.files.tagged_audio import as_flac, as_wav

COMPLETE = {
    "INAM": "Soundscape of rain",
    "IART": "Ada",
    "ICOP": "CC0",
    "ICMT": "Credits:\n- rain\n",
    "ISFT": SOFTWARE,
}
INFORMATION = {"INAM": "Soundscape of rain", "IART": "Ada", "ICMT": "Credits:\n- rain"}


@pytest.fixture(params=[INFORMATION, {}], ids=["with information", "without"])
def stored(request, tmp_path) -> bytes:
    samples = np.arange(2000, dtype=np.int16).reshape(-1, 2)
    path = tmp_path / "sound.wav"
    with writing_wav(path, channels=2, information=request.param) as file:
        file.write(samples)
    return path.read_bytes()


@pytest.mark.parametrize("title", ["Breakfast", "Früh am Meer", "odd", "x" * 300])
def test_only_the_title_differs(stored, title):
    file = as_wav(ContentFile(stored), title)
    data = file.read()
    assert len(data) == file.size
    assert int.from_bytes(data[4:8], "little") == len(data) - 8
    with (
        soundfile.SoundFile(io.BytesIO(data)) as titled,
        soundfile.SoundFile(io.BytesIO(stored)) as original,
    ):
        assert titled.copy_metadata() == original.copy_metadata() | {"title": title}
        assert np.array_equal(titled.read(), original.read())


def test_every_part_can_be_read_alone(stored):
    whole = as_wav(ContentFile(stored), "Breakfast").read()
    file = as_wav(ContentFile(stored), "Breakfast")
    buffered = io.BufferedReader(file)
    for start in (0, 10, 41, 44, 100, len(stored) - 5, len(whole) - 5, len(whole)):
        buffered.seek(start)
        assert buffered.read(7) == whole[start : start + 7]
    assert file.seek(0, os.SEEK_END) == len(whole)
    file.seek(0)
    assert b"".join(file.chunks()) == whole


@pytest.fixture(params=[COMPLETE, COMPLETE | {"IART": "", "ICMT": "Long. " * 2000 + "\n"}])
def both(request, tmp_path) -> tuple[bytes, bytes]:
    """Return the bytes of a WAV file and of the same as FLAC."""
    rng = np.random.default_rng(1)
    samples = rng.integers(-(2**15), 2**15, (70_001, 2), dtype=np.int16)
    wav, flac = tmp_path / "sound.wav", tmp_path / "sound.flac"
    with writing_wav(wav, channels=2, information=request.param) as file:
        file.write(samples)
    write_flac(wav, flac, request.param)
    return wav.read_bytes(), flac.read_bytes()


def test_flac_is_read_as_the_exact_wav_file(both):
    wav, flac = both
    file = as_wav(ContentFile(flac))
    assert file.size == len(wav)
    assert b"".join(file.chunks()) == wav
    buffered = io.BufferedReader(file)
    for start in (100_003, 0, 41, 44, 45, 46, 47, len(wav) - 5, 200_000):
        buffered.seek(start)
        assert buffered.read(7) == wav[start : start + 7]


def test_flac_read_as_wav_has_the_given_title(both):
    wav, flac = both
    titled = as_wav(ContentFile(flac), "Früh am Meer").read()
    assert titled == as_wav(ContentFile(wav), "Früh am Meer").read()


def test_flac_keeps_its_samples_and_other_tags_under_another_title(both):
    _wav, flac = both
    file = as_flac(ContentFile(flac), "Früh am Meer")
    data = file.read()
    assert len(data) == file.size
    with (
        soundfile.SoundFile(io.BytesIO(data)) as titled,
        soundfile.SoundFile(io.BytesIO(flac)) as original,
    ):
        assert titled.copy_metadata() == original.copy_metadata() | {"title": "Früh am Meer"}
        assert np.array_equal(titled.read(), original.read())
