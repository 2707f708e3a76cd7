"""WAV files read with another title."""

from __future__ import annotations

import io
import os

import numpy as np
import pytest
import soundfile
from django.core.files.base import ContentFile

from soundscapes.engine.sound.audio_files import writing_wav
from soundscapes.files.titled_wav import TitledWav

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
    file = TitledWav(ContentFile(stored), title)
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
    whole = TitledWav(ContentFile(stored), "Breakfast").read()
    file = TitledWav(ContentFile(stored), "Breakfast")
    buffered = io.BufferedReader(file)
    for start in (0, 10, 41, 44, 100, len(stored) - 5, len(whole) - 5, len(whole)):
        buffered.seek(start)
        assert buffered.read(7) == whole[start : start + 7]
    assert file.seek(0, os.SEEK_END) == len(whole)
    file.seek(0)
    assert b"".join(file.chunks()) == whole
