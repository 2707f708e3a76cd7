"""Both towers on one device, in bounded batches."""

import numpy as np
import pytest

from soundscapes.engine.matching.clip import towers
from soundscapes.engine.matching.clip.devices import CPU
from soundscapes.engine.matching.clip.published import PLAIN, QUICK, Recipe
from soundscapes.engine.matching.clip.towers import Towers
from tests.engine.clip_inputs import TEXTS, pixels

pytest.importorskip("torch")


def both(path, tmp_path, activation=QUICK):
    return Towers(path, Recipe(activation), tmp_path, CPU)


def test_batches_are_bounded_and_keep_their_order(openai_file, tmp_path, monkeypatch):
    known, squares = both(openai_file, tmp_path), pixels(7)
    whole, texts, sizes = known.photos(squares), known.texts(TEXTS), []
    network = known.image

    def watched(batch):
        sizes.append(len(batch))
        return network(batch)

    monkeypatch.setattr(towers, "BATCH", 2)
    monkeypatch.setitem(vars(known), "image", watched)
    assert np.allclose(known.photos(squares), whole, atol=0.05)
    assert sizes == [2, 2, 2, 1]
    assert np.allclose(known.texts(TEXTS), texts, atol=1e-4)


def test_weights_with_another_activation_are_another_network(openai_file, tmp_path):
    quick, plain = (both(openai_file, tmp_path, kind).photos(pixels(1)) for kind in (QUICK, PLAIN))
    assert np.abs(quick - plain).max() > 1e-3
