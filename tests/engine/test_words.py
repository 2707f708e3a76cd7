"""Words for the bank's variants."""

from soundscapes.engine.sound.bank.recipes import RECIPES, VARIANTS
from soundscapes.engine.sound.bank.words import WORDS, words_of


def test_words_belong_to_recipes_and_differ():
    assert WORDS.keys() <= RECIPES.keys()
    for category, some in WORDS.items():
        assert len(set(some)) == len(some) >= VARIANTS, category


def test_a_variant_without_words_has_empty_ones():
    assert words_of("rain", 1) == "a heavy downpour, a storm"
    assert words_of("rain", 99) == words_of("pig", 0) == ""
