"""manage.py render, which reproduces the bytes of a soundscape."""

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from soundscapes.models import Clip
from tests import sample_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(sounds, tmp_path):
    """A soundscape and its plan."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(sample_files.photo())
    call_command(
        "soundscape",
        photo,
        output=tmp_path / "out.wav",
        plan=tmp_path / "plan.json",
        duration=5,
        seed=3,
        stdout=io.StringIO(),
    )
    return tmp_path


def run(plan, output):
    call_command("render", plan, output=output, stdout=io.StringIO())


def test_a_plan_renders_the_same_bytes_even_with_disabled_clips(made):
    Clip.objects.update(is_enabled=False)
    run(made / "plan.json", made / "again.wav")
    assert (made / "again.wav").read_bytes() == (made / "out.wav").read_bytes()
    assert (made / "again.txt").read_bytes() == (made / "out.txt").read_bytes()


def test_the_credits_are_written_next_to_the_file(made):
    text = (made / "out.txt").read_text()
    for credit in json.loads((made / "plan.json").read_text())["credits"]:
        assert f"“{credit['title']}” by {credit['author']}, {credit['licence']}" in text


@pytest.mark.parametrize("harm", ["row", "file", "bytes"])
def test_a_missing_or_changed_clip_is_named(made, harm):
    plan = json.loads((made / "plan.json").read_text())
    clip = Clip.objects.get(checksum=plan["layers"][0]["events"][0]["clip"])
    path = Path(clip.file.path)
    if harm == "row":
        clip.delete()
    elif harm == "file":
        path.unlink()
    else:
        path.write_bytes(sample_files.sound(sample_files.noise(1.5, 99)))
    with pytest.raises(CommandError, match=f"{clip.title}.* is missing"):
        run(made / "plan.json", made / "again.wav")
    assert not (made / "again.wav").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "Cannot read .*: No such file"),
        ("letter", "is not a JSON document"),
        ("[" * 100_000, "is not a JSON document"),
        ("[]", "not a plan"),
        ('{"version": 1}', "version 1"),
    ],
    ids=["nothing", "letter", "deep", "list", "old"],
)
def test_invalid_plans_are_refused_with_a_reason(tmp_path, text, words):
    if text is not None:
        (tmp_path / "plan.json").write_text(text)
    with pytest.raises(CommandError, match=words):
        run(tmp_path / "plan.json", tmp_path / "out.wav")


def test_an_unwritable_output_is_reported(made):
    with pytest.raises(CommandError, match="Cannot write"):
        run(made / "plan.json", made / "nowhere" / "out.wav")


def test_a_format_that_is_not_written_is_refused_with_advice(made):
    with pytest.raises(CommandError, match=r"ends in \.wav or \.flac"):
        run(made / "plan.json", made / "again.mp3")
    assert not (made / "again.mp3").exists()
