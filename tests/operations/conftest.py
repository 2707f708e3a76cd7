"""Fixtures of the integrity check's tests."""

import pytest

from soundscapes.generations import generations, transcoding
from soundscapes.images import images
from soundscapes.models import Generation, Image
from tests import sample_files
from tests.queue import work_off


@pytest.fixture
def image(owner) -> Image:
    return images.upload_image(owner, sample_files.photo())


@pytest.fixture
def made(owner, image, sounds) -> Generation:
    """A finished soundscape with all its files, and a conversion."""
    generation = generations.create_generation(owner, image, duration=5)
    assert work_off() == []
    generation.refresh_from_db()
    transcoding.get_or_create_rendition(generation, "ogg")
    assert work_off() == []
    return generation
