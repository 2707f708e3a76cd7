"""Local copies of files in remote storage."""

import os
from time import time

import pytest

from soundscapes.files import local_copies
from soundscapes.generations import generations
from soundscapes.models import Clip, State
from tests.queue import work_off

pytestmark = [
    pytest.mark.usefixtures("own_data"),
    pytest.mark.django_db,
    pytest.mark.usefixtures("bucket"),
]


def test_clips_are_fetched_once_and_deleted_when_unused(made, bucket, settings):
    folder = settings.DATA_DIR / "clips"
    played = {credit["clip"] for credit in made.plan["credits"]}
    assert {path.stem for path in folder.iterdir()} == played
    for clip in Clip.objects.all():
        clip.file.storage.delete(clip.file.name)
    again = generations.create_generation(made.owner, made.image, duration=5, seed=7)
    assert work_off() == []
    again.refresh_from_db()
    assert again.audio_checksum == made.audio_checksum

    local_copies.forget_unplayed_clips()
    assert len(list(folder.iterdir())) == len(played)
    long_ago = time() - local_copies.KEPT_FOR - 60
    for path in folder.iterdir():
        os.utime(path, (long_ago, long_ago))
    local_copies.forget_unplayed_clips()
    assert not list(folder.iterdir())


def test_a_lost_clip_fails_with_a_message_and_leaves_no_partial_copy(made, settings):
    clips = settings.DATA_DIR / "clips"
    for path in clips.iterdir():
        path.unlink()
    for clip in Clip.objects.all():
        clip.file.storage.delete(clip.file.name)
    generation = generations.create_generation(made.owner, made.image, duration=5, seed=7)
    work_off()
    generation.refresh_from_db()
    assert generation.state == State.FAILED
    assert "missing from the server" in generation.error
    assert not list(clips.iterdir())
