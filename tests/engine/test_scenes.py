"""The scenes that the project draws: the same every time, and heard for what they show."""

import subprocess
import sys

import numpy as np
import pytest
from django.conf import settings

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.matcher import LEADING, rank
from soundscapes.engine.matching.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.text_vectors import TextVectors, prompt_vectors
from soundscapes.engine.scenes import SCENES, describe
from soundscapes.engine.scenes.paint import colour, gradient
from tests import scenes

by_slug = pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.slug)


def test_there_are_at_least_twelve_with_names_and_words_of_their_own():
    assert len(SCENES) >= 12
    for words in ("slug", "title", "description", "source"):
        assert len({getattr(scene, words) for scene in SCENES}) == len(SCENES)
    assert all(scene.description.endswith(".") for scene in SCENES)
    assert all(describe(scene.source) == scene.description for scene in SCENES)
    assert describe("somewhere else") == ""


def test_their_sounds_are_of_the_catalogue():
    slugs = {category.slug for category in load_catalogue()}
    assert all(scene.sounds and set(scene.sounds) <= slugs for scene in SCENES)


@by_slug
def test_each_is_a_wide_picture_with_light_and_shade(scene):
    picture = scenes.kept(scene)
    assert (picture.mode, picture.size) == ("RGB", (1600, 1067))
    grey = np.asarray(picture.convert("L"), dtype=float)
    assert np.percentile(grey, 99) - np.percentile(grey, 1) > 100


@pytest.mark.parametrize("slug", ["forest", "harbour", "night", "campfire"])
def test_drawn_again_it_is_the_same_to_the_byte(slug):
    (scene,) = (scene for scene in SCENES if scene.slug == slug)
    assert scenes.jpeg(scenes.draw(scene)) == scenes.kept_jpeg(scene)


@pytest.fixture(scope="module")
def ranked():
    """The calm ranking of every scene by the offline encoder, as slugs."""
    pytest.importorskip("torch")
    encoder, categories = OfflineEncoder(settings.ENCODER_CACHE), load_catalogue()
    prompts = prompt_vectors(encoder, TextVectors(settings.ENCODER_CACHE), categories)
    encodings = encoder.encode_photos([scenes.kept(scene) for scene in SCENES])
    return {
        scene.slug: [match.category for match in rank(encoding, categories, prompts)]
        for scene, encoding in zip(SCENES, encodings, strict=True)
    }


@by_slug
def test_one_of_its_own_sounds_is_among_the_first_three(scene, ranked):
    leading = ranked[scene.slug][:LEADING]
    assert set(leading) & set(scene.sounds), leading


def test_drawing_needs_numpy_and_pillow_alone():
    program = (
        "import sys\n"
        "for name in ('scipy', 'skimage', 'torch', 'django'): sys.modules[name] = None\n"
        "from soundscapes.engine.scenes import SCENES, draw\n"
        "print(draw(SCENES[1]).size)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "(1600, 1067)"


def test_a_gradient_gives_its_stops_back_and_mixes_as_the_eye_does():
    stops = [(0.0, "#102040"), (1.0, "#ffd9a0")]
    low, middle, high = gradient(np.array([0.0, 0.5, 1.0], dtype=np.float32), stops)
    np.testing.assert_allclose(low, colour("#102040"), atol=2e-3)
    np.testing.assert_allclose(high, colour("#ffd9a0"), atol=2e-3)
    assert np.all(low < middle)
    assert np.all(middle < high)
