"""Signs of progress from file operations."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from soundscapes.files import progress


@pytest.fixture
def clock(monkeypatch):
    """Advance the clock by a second at each reading."""
    now = [0.0]

    def tick() -> float:
        now[0] += 1
        return now[0]

    monkeypatch.setattr(progress, "monotonic", tick)
    progress.note()
    return now


def test_silence_counts_from_the_latest_sign(clock):
    clock[0] += 60
    assert progress.silence() == 61
    progress.note()
    assert progress.silence() == 1


def test_every_copied_block_is_a_sign(clock):
    target = io.BytesIO()
    progress.copy(io.BytesIO(bytes(3 * progress.BLOCK)), target)
    assert len(target.getvalue()) == 3 * progress.BLOCK
    assert clock[0] >= 4


@pytest.mark.parametrize("where", ["in a folder", "in a bucket"])
def test_storing_a_file_is_a_sign(clock, where, request):
    if where == "in a bucket":
        request.getfixturevalue("bucket")
    before = clock[0]
    name = default_storage.save("generations/x.wav", ContentFile(b"sound"))
    assert clock[0] > before
    before = clock[0]
    with default_storage.open(name) as file:
        assert file.read() == b"sound"
    assert clock[0] > before or where == "in a folder"
