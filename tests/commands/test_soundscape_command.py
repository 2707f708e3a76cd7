"""manage.py soundscape, which makes a WAV from an image."""

import io
import json
from pathlib import Path

import pytest
import soundfile
from django.core.management import CommandError, call_command

from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.images.matching import current_encoder
from soundscapes.models import Category, Generation, Image
from tests import factories, sample_files

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SECONDS = 5


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(sample_files.photo())
    return path


def run(photo, output, **options) -> str:
    shown = io.StringIO()
    call_command(
        "soundscape", photo, output=output, stdout=shown, **{"duration": SECONDS, **options}
    )
    return shown.getvalue()


@pytest.mark.usefixtures("sounds")
def test_the_command_prints_its_choices_and_writes_a_wav(photo, tmp_path):
    output = tmp_path / "out.wav"
    shown = run(photo, output, seed=4, layers=2)
    assert f"Encoder: {current_encoder().name}" in shown
    ranking, layers = shown.split("Layers")
    for category in Category.objects.all():
        assert category.label in ranking
    ranks = [int(line.split()[0]) for line in ranking.splitlines() if line[:4].strip().isdigit()]
    assert ranks == [1, 2, 3]
    assert layers.count("Seen in the image: ") == 2
    assert "Ada, CC BY 4.0" in layers
    assert "seed 4" in layers
    samples, rate = soundfile.read(output, always_2d=True)
    assert (rate, samples.shape) == (SAMPLE_RATE, (SECONDS * SAMPLE_RATE, 2))
    assert abs(samples).max() > 0.01
    assert {path.name for path in tmp_path.iterdir()} == {"photo.jpg", "out.wav", "out.txt"}


@pytest.mark.usefixtures("sounds")
def test_the_seed_determines_the_bytes(photo, tmp_path):
    made = []
    for number, seed in enumerate((1, 1, 2)):
        output = tmp_path / f"{number}.wav"
        run(photo, output, seed=seed)
        made.append(output.read_bytes())
    assert made[0] == made[1]
    assert made[0] != made[2]


@pytest.mark.usefixtures("sounds")
def test_a_random_seed_is_printed(photo, tmp_path):
    shown = run(photo, tmp_path / "first.wav")
    seed = int(shown.rstrip().rpartition(" ")[2])
    run(photo, tmp_path / "again.wav", seed=seed)
    assert (tmp_path / "first.wav").read_bytes() == (tmp_path / "again.wav").read_bytes()


def test_faithful_mode_may_lead_with_startling_sounds(photo, tmp_path, monkeypatch):
    for slug in factories.STARTLING_TOO:
        factories.ClipFactory(category=factories.category_named(slug))
    seen = factories.narrow_win("siren", "sea_waves")
    monkeypatch.setattr(OfflineEncoder, "encode_photos", lambda _self, _photos: [seen])
    calm = run(photo, tmp_path / "calm.wav", seed=1)
    faithful = run(photo, tmp_path / "faithful.wav", seed=1, mode="faithful")
    first = [shown.split("\n   1 ")[1].splitlines()[0] for shown in (calm, faithful)]
    assert "waves" in first[0]
    assert "siren" in first[1]
    assert (tmp_path / "calm.wav").read_bytes() != (tmp_path / "faithful.wav").read_bytes()


def test_the_plan_says_how_well_the_clips_fitted(sounds, photo, tmp_path):
    for each in sounds:
        factories.ClipFactory(category=each.category, words="waves on a sandy beach")
    run(photo, tmp_path / "out.wav", plan=tmp_path / "plan.json")
    for layer in json.loads((tmp_path / "plan.json").read_text())["layers"]:
        assert [-1 <= each["fit"] <= 1 for each in layer["fits"]] == [True]


@pytest.mark.usefixtures("sounds")
def test_the_command_leaves_no_rows(photo, tmp_path):
    run(photo, tmp_path / "out.wav")
    assert not Image.objects.exists()
    assert not Generation.objects.exists()


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
def test_a_bad_image_is_refused_and_nothing_is_written(tmp_path, name):
    bad = sample_files.BAD_PHOTOS[name]
    path = tmp_path / bad.name
    path.write_bytes(bad.make())
    with pytest.raises(CommandError, match=bad.word) as caught:
        run(path, tmp_path / "out.wav")
    assert str(caught.value).endswith(".")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize(
    ("photo_name", "output", "options", "words"),
    [
        ("missing.jpg", "out.wav", {}, r"Cannot read .*missing\.jpg: No such file"),
        (".", "out.wav", {}, "Cannot read .*: Is a directory"),
        ("photo.jpg", "nowhere/out.wav", {}, "name a file in an existing folder"),
        ("photo.jpg", ".", {}, "name a file in an existing folder"),
        (
            *("photo.jpg", "out.wav", {"plan": Path("nowhere/plan.json")}),
            r"Cannot write nowhere/plan\.json: name a file in an existing folder",
        ),
        ("photo.jpg", "out.mp3", {}, r"ends in \.wav or \.flac"),
        ("photo.jpg", "out.txt", {}, r"ends in \.wav or \.flac"),
        ("photo.jpg", "-", {}, r"ends in \.wav or \.flac"),
        ("photo.jpg", "out.wav", {"layers": 0}, "--layers must be at least 1"),
        ("photo.jpg", "out.wav", {"seed": -1}, "--seed must be between 0 and"),
        ("photo.jpg", "out.wav", {"seed": 2**31}, "--seed must be between 0 and"),
        ("photo.jpg", "out.wav", {"duration": 4}, "between 5 and 3600 seconds"),
        ("photo.jpg", "out.wav", {"duration": 3601}, "between 5 and 3600 seconds"),
        ("photo.jpg", "out.wav", {"duration": float("nan")}, "between 5 and 3600 seconds"),
    ],
    ids=[
        "no photo",
        "a folder",
        "no folder",
        "output is a folder",
        "no folder for the plan",
        "mp3",
        "the file of the credits",
        "standard output",
        "no layers",
        "negative seed",
        "great seed",
        "short",
        "long",
        "no number",
    ],
)
def test_invalid_options_are_reported_and_nothing_is_written(
    photo, tmp_path, photo_name, output, options, words
):
    with pytest.raises(CommandError, match=words) as caught:
        run(tmp_path / photo_name, tmp_path / output, **options)
    assert str(caught.value).endswith(".")
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.usefixtures("sounds")
@pytest.mark.parametrize("name", ["out.wav", "out.txt"])
def test_a_plan_does_not_overwrite_another_output(photo, tmp_path, name):
    with pytest.raises(CommandError, match="--plan"):
        run(photo, tmp_path / "out.wav", plan=tmp_path / name)
    assert list(tmp_path.iterdir()) == [photo]


@pytest.mark.usefixtures("sounds")
def test_the_suffix_chooses_the_format_in_capitals_too(photo, tmp_path):
    run(photo, tmp_path / "out.FLAC", seed=4)
    assert soundfile.info(tmp_path / "out.FLAC").format == "FLAC"


def test_without_clips_the_command_says_what_to_run(photo, tmp_path):
    with pytest.raises(CommandError, match=r"manage\.py setup"):
        run(photo, tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == [photo]


def test_a_missing_clip_is_named(photo, tmp_path):
    clip = factories.ClipFactory()
    clip.file.storage.delete(clip.file.name)
    with pytest.raises(CommandError, match=clip.title):
        run(photo, tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == [photo]
