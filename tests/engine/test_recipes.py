"""Recipes of the synthesised bank: one for every category, deterministic."""

import numpy as np
import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.engine.sound.bank import recipes
from soundscapes.engine.sound.bank.dsp import samples
from soundscapes.engine.sound.bank.recipes import bank_categories, synthesise, variants
from soundscapes.engine.sound.loudness import measure_loudness

ESC50_CLASSES = 50


def test_each_of_the_fifty_categories_has_three_or_more_variants():
    assert len(set(bank_categories())) == ESC50_CLASSES
    assert all(variants(category) >= 3 for category in bank_categories())


@pytest.mark.parametrize("category", ["dog", "crow"])
def test_a_recipe_always_gives_the_same_samples(category):
    assert np.array_equal(synthesise(category, 1), synthesise(category, 1))


def test_an_unknown_category_or_variant_is_named_in_the_error():
    with pytest.raises(EngineError, match="unicorn"):
        synthesise("unicorn", 0)
    with pytest.raises(EngineError, match="unicorn"):
        variants("unicorn")
    with pytest.raises(EngineError, match="dog has variants"):
        synthesise("dog", variants("dog"))


def test_silence_around_a_recipe_is_cut_whatever_its_level(monkeypatch):
    def recipe(level, silence):
        def tone(random, _variant):
            sound = level * random.standard_normal(samples(2.0), dtype=np.float32)
            return np.pad(sound, samples(silence))

        return tone

    lengths, loudnesses = [], []
    for level, silence in ((0.01, 3.0), (1.0, 0.5)):
        monkeypatch.setitem(recipes.RECIPES, "rain", recipe(level, silence))
        sound = synthesise("rain", 0)
        lengths.append(len(sound))
        loudnesses.append(measure_loudness(sound))
    assert abs(lengths[0] - lengths[1]) < samples(0.01)
    assert lengths[0] < samples(2.0 + 0.1)
    assert loudnesses[0] == pytest.approx(loudnesses[1], abs=0.5)
