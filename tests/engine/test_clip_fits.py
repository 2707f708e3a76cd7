"""Clips that fit an image better are likelier."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.clip_fits import (
    SPREAD_BY_KNOWLEDGE,
    load_bank_words,
    with_fits,
    words_of,
)
from soundscapes.engine.matching.encoder import PhotoEncoding, Support
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.sound.bank.recipes import RECIPES, variants
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.plan import ClipFit
from soundscapes.engine.sound.planner import FITS_KEPT, LayerRequest, make_plan

PHOTO = PhotoEncoding(np.array([[1.0, 0.0]], np.float32))
ANGLES = {"like it": 0.2, "unlike it": 1.2, "in between": 0.7}


def encode(texts):
    return np.array([(np.cos(ANGLES[text]), np.sin(ANGLES[text])) for text in texts], np.float32)


def clip(name, words="", seconds=3.0):
    return Clip(
        checksum=name,
        category="dog",
        source="upload",
        title=name,
        author="Ada",
        licence="CC0",
        url="",
        duration=seconds,
        words=words,
    )


CLIPS = [clip("a", "unlike it"), clip("b", "like it"), clip("c", "in between"), clip("d")]


def ranked(spread):
    """Return two matches, whose scores have this standard deviation."""
    scores = (0.5 + spread, 0.5 - spread)
    return [Match(str(rank), score, rank, 0.0, "") for rank, score in enumerate(scores, start=1)]


def fitted(spread=0.2, photo=PHOTO):
    return with_fits({"dog": CLIPS}, photo, ranked(spread), encode)["dog"]


def planned(clips, seed, kind=Kind.OCCASIONAL):
    request = LayerRequest("dog", kind, 0.0, 1, 0.5, 0.0, "")
    return make_plan([request], {"dog": clips}, duration=30, seed=seed, encoder="none").layers[0]


def test_fits_are_cosines_and_weights_follow_them():
    unlike, alike, between, unknown = fitted()
    assert alike.fit == pytest.approx(np.cos(0.2), abs=0.001)
    assert alike.weight > between.weight > unlike.weight
    assert (unknown.fit, unknown.weight) == (None, 1.0)


def test_a_clip_one_spread_above_the_mean_is_e_times_likelier():
    alike = fitted()[1]
    mean = np.mean(np.cos(list(ANGLES.values())))
    assert np.log(alike.weight) == pytest.approx((alike.fit - mean) / 0.2, abs=0.01)


def test_scores_with_knowledge_differ_more_than_the_fits_beside_them():
    """Knowledge raises scores, so the same clips would be chosen as if by lot."""
    nothing = np.zeros((1, 0), np.float32)
    known = replace(PHOTO, support=Support((), nothing, nothing[0]))
    assert fitted(SPREAD_BY_KNOWLEDGE * 0.2, known) == fitted(0.2)


def test_the_better_fit_is_likelier_and_variety_stays():
    chosen = Counter(planned(fitted(), seed, Kind.BED).events[0].clip for seed in range(200))
    assert chosen["b"] > chosen["c"] > chosen["a"] > 0
    assert chosen["b"] < 140


def test_no_clip_is_impossible_even_if_nothing_else_differs():
    unlike, alike, *_others = fitted(0.0)
    assert 0 < unlike.weight < 0.01
    assert 100 < alike.weight < 150


def test_without_words_it_stays_the_same_lot():
    plain = [replace(each, words="") for each in CLIPS]
    weighed = with_fits({"dog": plain}, PHOTO, ranked(0.2), encode)["dog"]
    assert weighed == plain
    assert planned(weighed, 3).fits == ()


def test_a_plan_says_how_well_its_clips_fitted():
    layer = planned(fitted(), 1)
    assert [each.clip for each in layer.fits] == ["b", "c", "a"]
    assert layer.fits[0] == ClipFit("b", fitted()[1].fit)


def test_a_plan_keeps_the_best_fits_and_those_of_its_events():
    many = [replace(clip(f"{n:02d}"), fit=n / 100, weight=1.0 + n / 1e6) for n in range(40)]
    layer = planned(many, 1)
    best = {f"{n:02d}" for n in range(40 - FITS_KEPT, 40)}
    assert {each.clip for each in layer.fits} == best | {event.clip for event in layer.events}


def test_every_variant_of_the_bank_has_words_of_its_own():
    assert load_bank_words().keys() == RECIPES.keys()
    for category, some in load_bank_words().items():
        assert len({each.casefold().strip() for each in some} - {""}) == len(some), category
        assert len(some) == variants(category), category


def test_variants_have_their_words_in_the_order_of_the_recipes():
    assert words_of("rain", 1) == "a heavy downpour, a storm"
    assert words_of("owl", 2) == "a large eagle owl on a cliff"
