"""From vectors to a ranking and its reasons."""

from dataclasses import replace

import numpy as np
import pytest

from soundscapes.engine.catalogue import Category, Kind, load_catalogue
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.encoder import PhotoEncoding, PhotoLabel, Support
from soundscapes.engine.matching.matcher import rank, reason
from soundscapes.engine.matching.scene import Scene

AXES = np.eye(8, dtype=np.float32)


def category(slug, kind=Kind.BED, prompts=("one view", "another view")):
    return Category(slug, 0, slug, "nature", kind, 0.0, tuple(prompts))


def unit(*weights):
    row = np.zeros(8, dtype=np.float32)
    row[: len(weights)] = weights
    return row / np.linalg.norm(row)


def encoding(whole, left=None, middle=None, right=None, labels=()):
    rows = [whole, *(whole if side is None else side for side in (left, middle, right))]
    return PhotoEncoding(np.stack(rows), labels)


SHIPPED = {each.slug: each for each in load_catalogue()}
SEA, WIND = SHIPPED["sea_waves"], SHIPPED["wind"]
SIREN, TRAIN = category("siren", Kind.STARTLING), category("train")
ALL = (SEA, WIND, SIREN, TRAIN)
VECTORS = {c.slug: np.stack([AXES[n]] * len(c.prompts)) for n, c in enumerate(ALL)}


def slugs(matches):
    return [match.category for match in matches]


def test_categories_come_best_first_with_ranks_and_cosines():
    matches = rank(encoding(unit(3, 2, 0, 1)), ALL, VECTORS, mode="faithful")
    assert slugs(matches) == ["sea_waves", "wind", "train", "siren"]
    assert [match.rank for match in matches] == [1, 2, 3, 4]
    assert matches[0].score == pytest.approx(3 / np.sqrt(14), abs=1e-6)
    assert all(-1 <= match.score <= 1 for match in matches)


def test_the_best_fitting_prompt_is_named():
    waves = category("sea_waves", prompts=("a harbour", "a beach", "a ship"))
    vectors = {"sea_waves": np.stack([AXES[5], unit(4, 1), AXES[6]])}
    (match,) = rank(encoding(AXES[0]), [waves], vectors)
    assert match.prompt == "a beach"


def test_a_category_on_one_side_of_the_image_is_panned_there():
    photo = encoding(unit(1, 1, 0, 1), left=AXES[0], middle=AXES[3], right=AXES[1])
    found = {match.category: match.position for match in rank(photo, ALL, VECTORS)}
    assert -1 <= found["sea_waves"] < -0.3
    assert 0.3 < found["wind"] <= 1
    assert abs(found["train"]) < 0.2


def test_a_category_found_everywhere_is_in_the_middle():
    (match, *_) = rank(encoding(AXES[0]), ALL, VECTORS)
    assert match.position == pytest.approx(0.0)


def test_calm_mode_holds_back_a_startling_sound_that_wins_narrowly():
    photo = encoding(unit(10, 9, 10.1, 8))
    assert slugs(rank(photo, ALL, VECTORS, mode="faithful"))[0] == "siren"
    calm = rank(photo, ALL, VECTORS, mode="calm")
    assert slugs(calm) == ["sea_waves", "wind", "train", "siren"]
    assert [match.rank for match in calm] == [1, 2, 3, 4]


def test_calm_mode_keeps_a_startling_sound_that_wins_clearly():
    photo = encoding(unit(3, 2, 9, 1))
    assert slugs(rank(photo, ALL, VECTORS))[0] == "siren"


def test_with_only_startling_sounds_both_modes_agree():
    photo = encoding(unit(1, 1, 1, 1))
    assert rank(photo, [SIREN], VECTORS) == rank(photo, [SIREN], VECTORS, mode="faithful")


def test_the_scale_of_the_scores_does_not_change_a_clear_win():
    """CLIP's cosines are close together, the offline encoder's far apart."""
    near = unit(3, 2, 3.05, 1, 40)
    assert slugs(rank(encoding(near), ALL, VECTORS))[0] == "sea_waves"
    far = unit(3, 2, 9, 1, 40)
    assert slugs(rank(encoding(far), ALL, VECTORS))[0] == "siren"


def test_only_the_labels_behind_a_category_are_named():
    labels = (
        PhotoLabel("bubble", 0.5, AXES[6]),
        PhotoLabel("seashore", 0.3, unit(5, 1)),
        PhotoLabel("sandbar", 0.2, unit(5, 2)),
        PhotoLabel("kite", 0.1, AXES[1]),
    )
    found = {m.category: m for m in rank(encoding(unit(3, 1), labels=labels), ALL, VECTORS)}
    assert found["sea_waves"].labels == ("seashore", "sandbar")
    assert found["train"].labels == ()


def test_labels_without_vectors_are_ordered_by_probability():
    labels = (PhotoLabel("seashore", 0.6), PhotoLabel("sandbar", 0.3), PhotoLabel("kite", 0.01))
    (match, *_) = rank(encoding(AXES[0], labels=labels), ALL, VECTORS)
    assert match.labels == ("seashore", "sandbar")


def test_the_reason_is_a_sentence():
    labels = (PhotoLabel("seashore", 0.6, AXES[0]),)
    match = rank(encoding(AXES[0], labels=labels), ALL, VECTORS)[0]
    assert reason(match) == f"Seen in the image: seashore. Looks like “{SEA.prompts[0]}”."
    assert reason(rank(encoding(AXES[0]), ALL, VECTORS)[0]) == f"Looks like “{SEA.prompts[0]}”."


def test_a_category_without_prompts_is_left_out():
    empty = {**VECTORS, "wind": np.zeros((0, 8), dtype=np.float32)}
    assert "wind" not in slugs(rank(encoding(AXES[0]), ALL, empty))
    assert rank(encoding(AXES[0]), ALL, {}) == []


def test_equal_scores_keep_a_stable_order():
    photo = encoding(AXES[7])
    forward = rank(photo, ALL, VECTORS, mode="faithful")
    backward = rank(photo, ALL[::-1], VECTORS, mode="faithful")
    assert slugs(forward) == slugs(backward)


def test_an_unknown_mode_is_rejected():
    with pytest.raises(EngineError, match="loud"):
        rank(encoding(AXES[0]), ALL, VECTORS, mode="loud")


def known(whole, *places):
    """Weights by knowledge of sea and wind; places without weights are like the whole."""
    rows = [whole, *(places or (whole,) * 3)]
    return Support(("sea_waves", "wind"), np.array(rows, np.float32), np.ones(2, np.float32))


def with_support(support, whole=AXES[7], **facts):
    return replace(encoding(whole, **facts), support=support)


def test_what_knowledge_expects_comes_first_and_what_it_does_not_is_doubted():
    photo = with_support(known((0.0, 0.9)), unit(3, 2.9))
    assert slugs(rank(photo, (SEA, WIND), VECTORS)) == ["wind", "sea_waves"]
    assert slugs(rank(replace(photo, support=None), (SEA, WIND), VECTORS)) == ["sea_waves", "wind"]


FOG = (PhotoLabel("fog", 0.9, AXES[6]),)


def test_a_category_with_other_prompts_is_not_known_by_its_name():
    """The table of knowledge is about the shipped prompts."""
    photo = with_support(known((0.9, 0.3)), unit(1, 1), labels=FOG)
    assert slugs(rank(photo, (SEA, WIND), VECTORS)) == ["sea_waves", "wind"]
    desert = replace(SEA, prompts=("a desert",))
    vectors = VECTORS | {"sea_waves": AXES[:1]}
    assert slugs(rank(photo, (desert, WIND), vectors)) == ["wind", "sea_waves"]


def test_an_added_prompt_is_expected_where_labels_mean_the_same():
    photo = with_support(known((0.2, 0.1)), unit(1, 1), labels=FOG)
    assert slugs(rank(photo, (SEA, WIND), VECTORS)) == ["sea_waves", "wind"]
    foggy = replace(WIND, prompts=(*WIND.prompts, "fog"))
    vectors = VECTORS | {"wind": np.vstack([VECTORS["wind"], AXES[6:7]])}
    assert slugs(rank(photo, (SEA, foggy), vectors)) == ["wind", "sea_waves"]


def test_scores_stay_cosines_however_sure_knowledge_is():
    for weights in ((1.0, 0.0), (0.0, 0.0)):
        matches = rank(with_support(known(weights), unit(3, 1)), (SEA, WIND), VECTORS)
        assert all(-1 <= match.score <= 1 for match in matches)


def test_only_knowledge_makes_a_match_confident():
    (sure, *_) = rank(with_support(known((0.9, 0.0)), unit(3, 1)), (SEA, WIND), VECTORS)
    (unsure, *_) = rank(with_support(known((0.02, 0.0)), unit(3, 1)), (SEA, WIND), VECTORS)
    assert sure.confidence > 0.7 > unsure.confidence
    assert rank(encoding(unit(3, 1)), (SEA, WIND), VECTORS)[0].confidence is None


def test_knowledge_places_a_sound_where_its_label_is_seen():
    support = known((0.5, 0.5), (0.0, 0.9), (0.0, 0.9), (0.9, 0.0))
    found = {m.category: m for m in rank(with_support(support, unit(1, 1)), (SEA, WIND), VECTORS)}
    assert found["sea_waves"].position > 0.8
    assert found["wind"].position < 0
    assert found["sea_waves"].extent < found["wind"].extent
    assert found["sea_waves"].evidence == "00f"


def test_a_scene_rules_out_what_cannot_be():
    photo = replace(encoding(unit(1, 3)), scene=Scene(indoors=1.0))
    assert slugs(rank(photo, (SEA, WIND, TRAIN), VECTORS, mode="faithful"))[0] != "wind"


def test_the_labels_that_are_known_to_sound_are_named_and_a_prompt_that_does_not_fit_is_not():
    labels = (
        PhotoLabel("lakeshore", 0.4, AXES[6], {"sea_waves": 0.8}),
        PhotoLabel("sundial", 0.3, AXES[5]),
    )
    photo = with_support(known((0.4, 0.0)), unit(1, 0, 0, 0, 0, 0, 6), labels=labels)
    found = {match.category: match for match in rank(photo, (SEA, WIND), VECTORS)}
    assert reason(found["sea_waves"]) == "Seen in the image: lakeshore."
    assert reason(found["wind"]) == "A guess: the image shows nothing more specific."
