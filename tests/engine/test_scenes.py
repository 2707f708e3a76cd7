"""The shipped scenes are complete and match their sounds."""

import numpy as np
import pytest
from django.conf import settings

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.matcher import LEADING, rank
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.text_vectors import TextVectors, described, prompt_vectors
from soundscapes.engine.scenes import FOLDER, SCENES, alt_of

by_slug = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)


def test_there_are_at_least_twelve_with_distinct_names_and_texts():
    assert len(SCENES) >= 12
    for words in ("slug", "title", "alt", "source"):
        assert len({getattr(scene, words) for scene in SCENES}) == len(SCENES)
    assert all(scene.alt.endswith(".") for scene in SCENES)
    assert all(alt_of(scene.source) == scene.alt for scene in SCENES)
    assert alt_of("somewhere else") == ""


def test_their_sounds_are_in_the_catalogue():
    slugs = {category.slug for category in load_catalogue()}
    assert all(scene.sounds and set(scene.sounds) <= slugs for scene in SCENES)


@by_slug
def test_each_is_a_wide_image_with_contrast(scene):
    image = scene.load()
    assert (image.mode, image.size) == ("RGB", (1600, 1067))
    grey = np.asarray(image.convert("L"), dtype=float)
    assert np.percentile(grey, 99) - np.percentile(grey, 1) > 100


def test_they_take_about_two_megabytes_together():
    files = list(FOLDER.glob("*.webp"))
    assert {path.stem for path in files} == {scene.slug for scene in SCENES}
    assert sum(path.stat().st_size for path in files) < 2.5e6


@pytest.fixture(scope="module")
def ranked():
    """The offline encoder's calm ranking of every scene, as slugs."""
    pytest.importorskip("torch")
    encoder = OfflineEncoder(settings.ENCODER_CACHE)
    categories = described(encoder, load_catalogue())
    prompts = prompt_vectors(encoder, TextVectors(settings.ENCODER_CACHE), categories)
    encodings = encoder.encode_photos([scene.load() for scene in SCENES])
    return {
        scene.slug: [match.category for match in rank(encoding, categories, prompts)]
        for scene, encoding in zip(SCENES, encodings, strict=True)
    }


@by_slug
def test_one_of_its_own_sounds_is_among_the_first_three(scene, ranked):
    leading = ranked[scene.slug][:LEADING]
    assert set(leading) & set(scene.sounds), leading
