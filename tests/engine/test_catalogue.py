"""The catalogue contains all of ESC-50 and more, with prompts for every category."""

from collections import Counter

from soundscapes.engine.catalogue import Kind, load_catalogue, load_label_prompts, load_offered
from soundscapes.engine.matching.matcher import BEST_PROMPTS
from soundscapes.engine.sound.bank import bank_categories

# Names in the order of ESC-50's target numbers, from the published meta/esc50.csv.
ESC50 = """
    dog rooster pig cow frog cat hen insects sheep crow rain sea_waves crackling_fire crickets
    chirping_birds water_drops wind pouring_water toilet_flush thunderstorm crying_baby sneezing
    clapping breathing coughing footsteps laughing brushing_teeth snoring drinking_sipping
    door_wood_knock mouse_click keyboard_typing door_wood_creaks can_opening washing_machine
    vacuum_cleaner clock_alarm clock_tick glass_breaking helicopter chainsaw siren car_horn
    engine train church_bells airplane fireworks hand_saw
"""


FIFTY = [category for category in load_catalogue() if category.target is not None]
BEYOND = [category for category in load_catalogue() if category.target is None]


def test_names_and_numbers_match_esc50():
    assert [category.slug for category in FIFTY] == ESC50.split()
    assert [category.target for category in FIFTY] == list(range(50))


def test_groups_match_esc50_with_ten_categories_each():
    groups = Counter(category.group for category in FIFTY)
    assert groups == dict.fromkeys(("animals", "nature", "people", "house", "city"), 10)
    assert {category.group for category in BEYOND} == set(groups)


def test_all_categories_beyond_esc50_have_clips_and_words_of_a_classifier():
    assert len(BEYOND) >= 14
    for category in BEYOND:
        assert category.slug in bank_categories()
        assert category.slug in load_label_prompts()


def test_the_environment_leaves_esc50_alone(monkeypatch):
    assert load_offered() == load_catalogue()
    monkeypatch.setenv("SOUNDSCAPES_ESC50_ONLY", "on")
    assert list(load_offered()) == FIFTY


def test_every_category_has_at_least_four_distinct_prompts():
    for category in load_catalogue():
        assert len(set(category.prompts)) == len(category.prompts) >= 4, category.slug
        assert all(prompt.strip() == prompt != "" for prompt in category.prompts)


def test_no_prompt_belongs_to_two_categories():
    counts = Counter(prompt for category in load_catalogue() for prompt in category.prompts)
    assert [prompt for prompt, count in counts.items() if count > 1] == []


def test_sudden_sounds_are_startling_and_ambient_ones_are_beds():
    kinds = {category.slug: category.kind for category in load_catalogue()}
    for slug in ("siren", "glass_breaking", "chainsaw", "crying_baby"):
        assert kinds[slug] is Kind.STARTLING
    for slug in ("rain", "sea_waves", "wind", "crackling_fire"):
        assert kinds[slug] is Kind.BED


def test_labels_and_gains_are_within_limits():
    for category in load_catalogue():
        assert category.label
        assert -40 <= category.gain_db <= 6


def test_label_prompts_are_of_known_categories_and_in_no_other_list():
    catalogue = {category.slug: category.prompts for category in load_catalogue()}
    for slug, prompts in load_label_prompts().items():
        assert not set(prompts) & set(catalogue[slug])
        assert len(prompts) == len(set(prompts))


def test_every_category_says_enough_of_what_a_viewer_sees():
    assert all(len(category.prompts) > BEST_PROMPTS for category in load_catalogue())
