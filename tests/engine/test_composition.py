"""From a ranking to the planner's layer requests."""

from pathlib import Path

import pytest

from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.composition import (
    clip_paths,
    layer_requests,
    preferred_clips,
    remix_requests,
)
from soundscapes.engine.errors import EngineError
from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.sound.clips import Clip

CATEGORIES = load_catalogue()
SLUGS = ("sea_waves", "wind", "chirping_birds", "dog")
MATCHES = [
    Match(slug, 0.4 - 0.1 * at, at + 1, -0.5 + 0.25 * at, f"an image of {slug}")
    for at, slug in enumerate(SLUGS)
]


def clip(category: str, name: str, source: str = "upload", path: Path | None = None) -> Clip:
    return Clip(
        checksum=name,
        category=category,
        source=source,
        title=name,
        author="Ada",
        licence="CC0",
        url="",
        duration=5.0,
        path=path,
    )


def test_the_first_matches_become_layers_in_rank_order():
    requests = layer_requests(MATCHES, CATEGORIES, 2)
    kinds = {category.slug: category.kind for category in CATEGORIES}
    assert [request.category for request in requests] == ["sea_waves", "wind"]
    for request, match in zip(requests, MATCHES, strict=False):
        assert (request.rank, request.score) == (match.rank, match.score)
        assert request.position == match.position
        assert request.kind == kinds[match.category]
        assert match.prompt in request.reason


def test_an_error_without_any_sounds_says_what_to_do():
    with pytest.raises(EngineError, match=r"manage.py setup"):
        layer_requests([], CATEGORIES, 3)


BEDS = ("sea_waves", "rain", "wind", "crickets", "siren", "crow", "dog")


def ranked(*slugs: str) -> list[Match]:
    return [Match(slug, 0.4 - 0.1 * at, at + 1, 0.0, "") for at, slug in enumerate(slugs)]


def slugs_of(requests) -> list[str]:
    return [request.category for request in requests]


def test_a_calm_mix_has_two_beds_and_then_the_best_sounds_that_come_and_go():
    requests = layer_requests(ranked(*BEDS), CATEGORIES, 4)
    assert slugs_of(requests) == ["sea_waves", "rain", "crow", "dog"]
    assert [request.rank for request in requests] == [1, 2, 3, 4]


def test_a_calm_mix_of_beds_alone_has_two_layers():
    assert slugs_of(layer_requests(ranked(*BEDS[:4]), CATEGORIES, 3)) == ["sea_waves", "rain"]


def test_a_faithful_mix_has_the_best_sounds_of_any_kind():
    assert slugs_of(layer_requests(ranked(*BEDS), CATEGORIES, 3, "faithful")) == list(BEDS[:3])


def test_the_sounds_of_a_calm_mix_are_not_chosen_by_hand_in_its_remix():
    choices = [LayerChoice(place=1, category="crow"), LayerChoice(place=2, category="wind")]
    crow, wind = remix_requests(ranked(*BEDS), CATEGORIES, choices, 3)
    assert not crow.reason.startswith("Chosen by hand")
    assert wind.reason.startswith("Chosen by hand; number 3 of 7")
    assert (crow.lag is None, wind.lag is None) == (False, True)


def test_a_layer_knows_how_far_its_score_is_behind_the_best():
    first, second, third = layer_requests(ranked("dog", "crow", "hen"), CATEGORIES, 3)
    assert first.lag == 0.0
    assert third.lag == pytest.approx(2 * second.lag)


def test_a_remix_has_the_chosen_layers_and_marks_those_chosen_by_hand():
    choices = [
        LayerChoice(place=1, category="sea_waves", gain_db=-3.0),
        LayerChoice(place=2, category="dog", position=0.9),
        LayerChoice(place=3, category="wind", is_muted=True),
    ]
    first, second = remix_requests(MATCHES, CATEGORIES, choices, 2)
    (plain,) = layer_requests(MATCHES, CATEGORIES, 1)
    assert first.gain_db == plain.gain_db - 3.0
    assert first.position == MATCHES[0].position
    assert (second.rank, second.category, second.position) == (2, "dog", 0.9)
    assert second.reason.startswith("Chosen by hand; number 4 of 4")


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (LayerChoice(place=1, category="unicorn"), "“unicorn” is no longer available"),
        (LayerChoice(place=1, category="dog", is_muted=True), "Every layer is muted"),
    ],
)
def test_an_impossible_remix_explains_why(choice, words):
    with pytest.raises(EngineError, match=words):
        remix_requests(MATCHES, CATEGORIES, [choice], 2)


def test_recordings_are_preferred_unless_both_kinds_are_enabled():
    clips = [clip("dog", "b", "synthesised"), clip("dog", "a"), clip("wind", "c", "synthesised")]
    chosen = preferred_clips(clips)
    assert [each.checksum for each in chosen["dog"]] == ["a"]
    assert [each.checksum for each in chosen["wind"]] == ["c"]
    assert [each.checksum for each in preferred_clips(clips, {"dog"})["dog"]] == ["a", "b"]


def test_clips_with_a_file_are_found_by_checksum():
    there = clip("dog", "a", path=Path("a.wav"))
    assert clip_paths([there, clip("dog", "b")]) == {"a": Path("a.wav")}
