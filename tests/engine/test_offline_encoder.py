"""The offline encoder on real photos, as in a worker."""

import os
import subprocess
import sys

import numpy as np
import pytest

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching.matcher import rank
from soundscapes.engine.matching.offline import offline_encoder
from soundscapes.engine.matching.offline.labels import load_labels
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.text_vectors import TextVectors, described
from soundscapes.engine.starter import STARTER_IMAGES, load

pytest.importorskip("torch")

IMAGES = {image.slug: image for image in STARTER_IMAGES}
CATALOGUE = described(OfflineEncoder, load_catalogue())


@pytest.fixture(scope="module")
def cache(first_encoding):
    return first_encoding.cache


@pytest.fixture(scope="module")
def encoder(cache):
    return OfflineEncoder(cache)


@pytest.fixture(scope="module")
def prompts(encoder, cache):
    texts = TextVectors(cache)
    return {c.slug: texts.vectors(encoder, c.prompts) for c in CATALOGUE}


def image(slug):
    return load(IMAGES[slug])


@pytest.mark.parametrize(
    ("slug", "category"),
    [
        ("cat", "cat"),
        ("coffee", "drinking_sipping"),
        ("stereo-motorcycle", "engine"),
        ("china", "church_bells"),
        ("flower", "insects"),
    ],
)
def test_an_easy_photo_ranks_its_sound_first(encoder, prompts, slug, category):
    (encoding,) = encoder.encode_photos([image(slug)])
    assert rank(encoding, CATALOGUE, prompts)[0].category == category


@pytest.mark.parametrize(("slug", "category"), [("clock", "clock_tick"), ("rocket", "airplane")])
def test_a_hard_photo_has_its_sound_among_the_first_three(encoder, prompts, slug, category):
    (encoding,) = encoder.encode_photos([image(slug)])
    found = [match.category for match in rank(encoding, CATALOGUE, prompts)[:3]]
    assert category in found


def test_the_reason_names_the_recognised_labels(encoder, prompts):
    (encoding,) = encoder.encode_photos([image("coffee")])
    best = rank(encoding, CATALOGUE, prompts)[0]
    assert "espresso" in best.labels


def test_photos_and_texts_are_unit_vectors_of_one_space(encoder):
    first, second = encoder.encode_photos([image("cat"), image("coffee")])
    texts = encoder.encode_texts(["a cat", "a cup of coffee"])
    assert first.vectors.shape == second.vectors.shape == (37, encoder.dimension)
    assert texts.shape == (2, encoder.dimension)
    for rows in (first.vectors, second.vectors, texts):
        assert rows.dtype == np.float32
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3)
    table = np.stack([first.vectors[0], second.vectors[0]]) @ texts.T
    assert table.argmax(axis=1).tolist() == [0, 1]


def test_labels_are_probabilities_best_first(encoder):
    (encoding,) = encoder.encode_photos([image("cat")])
    chances = [label.probability for label in encoding.labels]
    assert chances == sorted(chances, reverse=True)
    assert 0 < sum(chances) <= 1 + 1e-5


def test_a_photo_has_the_same_vectors_in_any_batch(encoder):
    (alone,) = encoder.encode_photos([image("coffee")])
    (again,) = encoder.encode_photos([image("coffee")])
    among = encoder.encode_photos([image("cat"), image("coffee"), image("rocket")])[1]
    assert np.array_equal(alone.vectors, again.vectors)
    assert np.allclose(alone.vectors, among.vectors, atol=1e-4)


def test_empty_input_gives_empty_output(encoder):
    assert encoder.encode_photos([]) == []
    assert encoder.encode_texts([]).shape == (0, encoder.dimension)


def test_a_worker_with_caches_loads_no_text_model_and_writes_nothing(cache, prompts, tmp_path):
    program = (
        "import sys, pathlib\n"
        "from soundscapes.engine.catalogue import load_catalogue\n"
        "from soundscapes.engine.matching.encoders import load_encoder\n"
        "from soundscapes.engine.matching.matcher import rank\n"
        "from soundscapes.engine.matching.text_vectors import TextVectors\n"
        "from soundscapes.engine.starter import STARTER_IMAGES, load\n"
        "cache = pathlib.Path(sys.argv[1])\n"
        "encoder, texts = load_encoder('offline', cache_dir=cache), TextVectors(cache)\n"
        "vectors = {c.slug: texts.vectors(encoder, c.prompts) for c in load_catalogue()}\n"
        "cat = next(p for p in STARTER_IMAGES if p.slug == 'cat')\n"
        "(encoding,) = encoder.encode_photos([load(cat)])\n"
        "print(rank(encoding, load_catalogue(), vectors)[0].category,"
        " sorted({'transformers', 'sentence_transformers', 'django'} & set(sys.modules)))"
    )
    before = sorted((path, path.stat().st_mtime_ns) for path in cache.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", program, str(cache)],
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split(maxsplit=1) == ["cat", "[]\n"]
    assert sorted((path, path.stat().st_mtime_ns) for path in cache.rglob("*")) == before
    assert list(tmp_path.rglob("*")) == []


def test_building_the_caches_is_silent_and_needs_no_network(first_encoding):
    assert first_encoding.result == (0, "", "")
    assert list(first_encoding.home.rglob("*")) == []
    assert {path.suffix for path in first_encoding.cache.rglob("*") if path.is_file()} <= {
        ".npz",
        ".xml",
        ".bin",
        ".txt",
    }


def test_a_damaged_label_cache_is_rebuilt(tmp_path, monkeypatch):
    few = load_labels()[:50]  # all of them would be slow
    monkeypatch.setattr(offline_encoder, "load_labels", lambda: few)
    first = OfflineEncoder(tmp_path).encode_texts(["rain"])
    (kept,) = (tmp_path / "labels").iterdir()
    size = kept.stat().st_size
    kept.write_bytes(kept.read_bytes()[:1000])
    assert np.allclose(OfflineEncoder(tmp_path).encode_texts(["rain"]), first, atol=1e-4)
    assert kept.stat().st_size == size
