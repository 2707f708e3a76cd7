"""The table of sounds, held against a review of all thousand labels."""

import hashlib

import numpy as np
import pytest

from soundscapes.engine.catalogue import Category, Kind, load_catalogue
from soundscapes.engine.matching.matcher import rank
from soundscapes.engine.matching.offline import offline_encoder
from soundscapes.engine.matching.offline.efficientnet import GRID
from soundscapes.engine.matching.offline.knowledge import TABLE_PATH, load_knowledge
from soundscapes.engine.matching.offline.labels import COUNT, load_labels
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.scene import NOTHING_SAID, Scene
from soundscapes.engine.matching.text_vectors import TextVectors, described, prompt_vectors

NAMES = [label.name for label in load_labels()]
CATALOGUE = described(OfflineEncoder, load_catalogue())
SLUGS = {category.slug for category in CATALOGUE}

ANIMALS, PLANTS = range(398), range(984, 998)
FOOD = [*range(924, 958), *range(959, 970)]  # without hay
DOGS, CATS, BIRDS = range(151, 269), range(281, 286), [*range(7, 25), *range(80, 101)]
MAN_MADE = {
    *("hand_saw", "chainsaw", "siren", "car_horn", "engine", "train", "helicopter", "airplane"),
    *("fireworks", "church_bells", "clock_tick", "clock_alarm", "mouse_click", "keyboard_typing"),
    *("vacuum_cleaner", "washing_machine", "can_opening", "glass_breaking", "toilet_flush"),
    *("door_wood_knock", "brushing_teeth", "sneezing", "coughing", "crackling_fire"),
    *("busy_street", "bicycle", "sewing_machine", "library", "rain_on_window"),
}
BEASTS = {"dog", "cat", "cow", "pig", "sheep", "hen", "rooster", "crow", "frog"}

IMPLAUSIBLE = (
    (ANIMALS, MAN_MADE),
    (PLANTS, (MAN_MADE | BEASTS) - {"crow", "sneezing"}),
    (FOOD, (MAN_MADE | BEASTS) - {"can_opening", "glass_breaking", "crackling_fire", "crow"}),
    (["geyser", "volcano"], {"cafe", "crowd", "rain_on_window"}),
    (["beach", "sandbar"], {"owl", "steps_in_leaves", "library"}),
    (DOGS, {"cat", "rooster", "hen", "crow", "frog", "pig"}),
    (CATS, BEASTS - {"cat"}),
    (BIRDS, {"dog", "cat", "cow", "pig", "sheep"}),
    (["hammerhead shark"], {"hand_saw"}),
    (["pineapple", "ring-necked snake", "cockroach"], {"rooster"}),
    (["goldfish"], {"chirping_birds"}),
    (["zebra"], {"brushing_teeth"}),
    (["website", "crossword", "menu", "comic book"], {"water_drops", "door_wood_knock"}),
    (["envelope"], {"water_drops"}),
    (["starfish", "jellyfish", "sea urchin", "sea anemone"], {"fireworks"}),
    (["piggy bank", "guinea pig"], {"pig"}),
    (["grand piano", "upright piano"], {"keyboard_typing"}),
    (["electric guitar"], {"engine"}),
    (["harp"], {"church_bells"}),
    (["chain"], {"chainsaw"}),
    (["hook", "fishing casting reel"], {"crow"}),
    (["milk can"], {"can_opening"}),
    (["oil filter"], {"drinking_sipping"}),
    (["drumstick"], {"hen", "rooster"}),
    (["computer mouse"], {"cat"}),
    (["crane bird"], {"engine"}),
    (["construction crane"], {"chirping_birds"}),
    (["beach", "lakeshore", "sandbar", "breakwater"], {"thunderstorm", "fireworks"}),
    (["rapeseed", "daisy", "rose hip"], {"sea_waves", "fireworks"}),
    (["stove", "refrigerator", "dishwasher"], {"wind"}),
)
"""Labels (by name or number) and categories that no listener would name, from the review."""


@pytest.fixture(scope="module")
def encoder(first_encoding):
    return OfflineEncoder(first_encoding.cache)


@pytest.fixture(scope="module")
def prompts(encoder, first_encoding):
    return prompt_vectors(encoder, TextVectors(first_encoding.cache), CATALOGUE)


def sure_of(encoder, number, scene=NOTHING_SAID):
    """A photo of which the classifier is sure."""
    chances = np.zeros((1 + GRID * GRID, COUNT), dtype=np.float32)
    chances[:, number] = 1.0
    return encoder.encoding_of(chances, scene)


def first_three(encoder, prompts, number, scene=NOTHING_SAID):
    matches = rank(sure_of(encoder, number, scene), CATALOGUE, prompts, mode="faithful")
    return [match.category for match in matches[:3]]


@pytest.fixture(scope="module")
def found(encoder, prompts):
    return [first_three(encoder, prompts, number) for number in range(COUNT)]


def numbers(labels):
    return [label if isinstance(label, int) else NAMES.index(label) for label in labels]


def test_every_line_is_a_label_s_in_order_and_names_at_least_three_sounds():
    lines = TABLE_PATH.read_text(encoding="utf-8").splitlines()[1:]
    assert [line.split("\t")[0] for line in lines] == NAMES
    assert ((load_knowledge().sounds > 0).sum(axis=1) >= 3).all()
    assert set(load_knowledge().slugs) == SLUGS


def test_weights_are_between_a_tenth_and_one():
    """In the dark some are taken away: fireworks look like the sea's animals and are not."""
    sounds, in_the_dark = load_knowledge().sounds, load_knowledge().in_the_dark
    assert sounds.min() == 0
    for table in (sounds, in_the_dark):
        weights = np.abs(table[table != 0])
        assert weights.min() >= 0.1 - 1e-6
        assert weights.max() <= 1


def test_nothing_implausible_is_among_the_first_three_for_any_of_the_thousand_labels(found):
    wrong = [
        (NAMES[number], slug)
        for labels, categories in IMPLAUSIBLE
        for number in numbers(labels)
        for slug in found[number]
        if slug in categories
    ]
    assert wrong == []


def test_every_sound_among_the_first_three_is_one_that_the_table_names(found):
    knowledge = load_knowledge()
    named = [set(knowledge.sounds_of(number, 0.0)) for number in range(COUNT)]
    wrong = [
        (NAMES[number], set(three) - named[number])
        for number, three in enumerate(found)
        if not set(three) <= named[number]
    ]
    assert wrong == []


def test_a_sea_urchin_in_the_dark_is_fireworks(encoder, prompts):
    number = NAMES.index("sea urchin")
    assert "fireworks" in first_three(encoder, prompts, number, Scene(dark=1.0))


def test_a_lake_at_noon_has_no_crickets_and_one_at_night_has(encoder, prompts):
    number = NAMES.index("lakeshore")
    assert "crickets" not in first_three(encoder, prompts, number, Scene(bright=1.0))
    assert "crickets" in first_three(encoder, prompts, number, Scene(dark=1.0))


def test_rooms_and_landscapes_are_told_apart():
    indoors = dict(zip(NAMES, load_knowledge().indoors, strict=True))
    assert (
        min(indoors[name] for name in ("washing machine", "toilet seat", "laptop computer")) > 0.5
    )
    assert max(indoors[name] for name in ("beach", "valley", "freight car")) < -0.5


def test_a_new_category_is_found_by_its_prompts_alone(encoder, prompts):
    new = Category("purring", 50, "purring", "animals", Kind.BED, 0.0, ("a tabby cat", "a cat"))
    vectors = {**prompts, "purring": encoder.encode_texts(new.prompts)}
    categories = [*CATALOGUE, new]
    cat = rank(sure_of(encoder, NAMES.index("tabby cat")), categories, vectors)
    sea = rank(sure_of(encoder, NAMES.index("beach")), categories, vectors)
    assert "purring" in [match.category for match in cat[:2]]
    assert "purring" not in [match.category for match in sea[:10]]


def test_vectors_of_another_table_have_another_name():
    """Give the encoder a new slug with every change of the table, and name both here."""
    digest = hashlib.sha256(TABLE_PATH.read_bytes()).hexdigest()[:12]
    assert (offline_encoder.SLUG, digest) == ("offline-look-2", "b16d346217a3")
