"""The specified class in both modes."""

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.audiogen import AudioGen
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.clip_fits import words_of
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.encoder import PhotoEncoding
from soundscapes.engine.sound.audio_files import read_clip
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests import factories

SECONDS = 5.0


class Narrow:
    """An encoder for which every photo shows a siren just ahead of waves."""

    slug, name, dimension, own_prompts = "narrow-1", "Narrow", 384, {}

    def __init__(self):
        self._seen = factories.narrow_win("siren", "sea_waves")
        self._texts = factories.matching.encoder().encode_texts

    def encode_photos(self, photos):
        return [self._seen for _photo in photos]

    def encode_texts(self, texts):
        return self._texts(texts)


@pytest.fixture(scope="module")
def data_folder(tmp_path_factory):
    """One folder for all tests here, because descriptions are encoded into it."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture
def audio_gen(bank, monkeypatch, data_folder):
    monkeypatch.setenv("SOUNDSCAPES_DATA", str(data_folder))
    return AudioGen(Narrow(), bank=bank)


def test_startling_sounds_lead_in_faithful_mode_but_not_in_calm_mode(audio_gen):
    photo = Image.new("RGB", (64, 48))
    assert audio_gen.match(photo, "faithful")[0].category == "siren"
    assert audio_gen.match(photo)[0].category != "siren"


def test_the_sound_has_the_requested_length_and_follows_the_mode(audio_gen):
    photo = Image.new("RGB", (64, 48))
    calm, again, faithful = (
        audio_gen.generate_white_noise(photo, duration=SECONDS, seed=3, mode=mode)
        for mode in ("calm", "calm", "faithful")
    )
    assert calm.duration_seconds == pytest.approx(SECONDS)
    samples = [np.array(sound.get_array_of_samples()) for sound in (calm, again, faithful)]
    assert np.array_equal(samples[0], samples[1])
    assert not np.array_equal(samples[0], samples[2])


class Devoted:
    """An encoder for which every photo shows the sea as one variant of the bank has it."""

    slug, name, dimension, own_prompts = "devoted-1", "Devoted", 2, {}

    def __init__(self, variant):
        prompts = next(each.prompts for each in load_catalogue() if each.slug == "sea_waves")
        self._seen = {*prompts, words_of("sea_waves", variant)}

    def encode_photos(self, photos):
        return [PhotoEncoding(np.eye(2, dtype=np.float32)[[0] * 4]) for _photo in photos]

    def encode_texts(self, texts):
        return np.eye(2, dtype=np.float32)[[int(text not in self._seen) for text in texts]]


def spectrum(samples):
    """Return the spectrum of mono samples in dB without its level, in thirds of octaves."""
    power = np.square(np.abs(np.fft.rfft(samples[: int(SECONDS * SAMPLE_RATE)])))
    bands = np.add.reduceat(power, np.geomspace(200, len(power) / 2, 20).astype(int))[:-1]
    levels = 10 * np.log10(bands)
    return levels - levels.mean()


@pytest.mark.parametrize("variant", [0, 3])
def test_the_clip_that_fits_the_image_is_heard(bank, monkeypatch, tmp_path, variant):
    monkeypatch.setenv("SOUNDSCAPES_DATA", str(tmp_path))
    audio_gen = AudioGen(Devoted(variant), bank=bank)
    clips = [read_clip(each.path)[:, 0] for each in build_bank(bank, ["sea_waves"])]
    for seed in range(3):
        sound = audio_gen.generate_white_noise(
            Image.new("RGB", (64, 48)), duration=SECONDS, seed=seed, layers=1
        )
        heard = spectrum(np.array(sound.get_array_of_samples()).reshape(-1, 2).mean(axis=1))
        apart = [np.square(heard - spectrum(clip)).mean() for clip in clips]
        assert np.argmin(apart) == variant


class Illiterate(Devoted):
    """The same encoder, which sees anything but the sea, and whose model of texts is missing."""

    def encode_photos(self, photos):
        return [PhotoEncoding(np.eye(2, dtype=np.float32)[[1] * 4]) for _photo in photos]

    def encode_texts(self, texts):
        raise AssertionError(f"{len(texts)} texts are not known")


def test_the_model_of_texts_is_needed_once(bank, monkeypatch, tmp_path):
    monkeypatch.setenv("SOUNDSCAPES_DATA", str(tmp_path))
    photo = Image.new("RGB", (64, 48))
    AudioGen(Devoted(0), bank=bank).generate_white_noise(photo, duration=SECONDS, layers=1)
    other = AudioGen(Illiterate(0), bank=bank).generate_white_noise(photo, duration=SECONDS)
    assert other.duration_seconds == pytest.approx(SECONDS)


def test_an_unknown_mode_is_rejected(audio_gen):
    with pytest.raises(EngineError, match="loud"):
        audio_gen.generate_white_noise(Image.new("RGB", (64, 48)), mode="loud")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"layers": 0}, "at least one layer, not 0"),
        ({"layers": -1}, "at least one layer, not -1"),
        ({"seed": -1}, "seed is a whole number from 0, not -1"),
        ({"duration": 4.9}, "between 5 and 3600 seconds, not 4.9"),
    ],
    ids=["no layers", "fewer", "seed", "duration"],
)
def test_values_out_of_range_are_rejected(audio_gen, options, words):
    with pytest.raises(EngineError, match=words):
        audio_gen.generate_white_noise(Image.new("RGB", (64, 48)), **options)


def test_a_path_instead_of_an_image_is_rejected_with_advice(audio_gen):
    with pytest.raises(TypeError, match=r"'photo.jpg' is no image.*Image\.open"):
        audio_gen.generate_white_noise("photo.jpg")


MAKE_A_SOUND = """
import sys
from pathlib import Path
import numpy as np
from PIL import Image
from soundscapes.engine.audiogen import AudioGen
from soundscapes.engine.matching.encoder import PhotoEncoding

class Encoder:
    slug, name, dimension, own_prompts = "plain-1", "Plain", 4, {}

    def encode_photos(self, photos):
        return [PhotoEncoding(np.eye(4, dtype=np.float32)) for _photo in photos]

    def encode_texts(self, texts):
        return np.tile(np.eye(4, dtype=np.float32)[:1], (len(texts), 1))

generator = AudioGen(Encoder(), bank=Path(sys.argv[1]))
print(len(generator.generate_white_noise(Image.new("RGB", (64, 48)), duration=5)))
"""


def test_a_missing_ffmpeg_causes_no_output(bank, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", MAKE_A_SOUND, bank],
        env=os.environ | {"PATH": str(tmp_path), "SOUNDSCAPES_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("5000\n", "")
