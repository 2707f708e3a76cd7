"""Rows as a page shows them."""

import pytest

from soundscapes.models import Generation, Similarity, State
from soundscapes.templatetags.presentation import (
    found,
    heat,
    heat_size,
    in_words,
    place,
    share_of,
    stages,
    waveform_path,
)
from tests import factories


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        (State.QUEUED, ["current", "", ""]),
        (State.MATCHING, ["done", "current", ""]),
        (State.RENDERING, ["done", "done", "current"]),
        (State.READY, ["done", "done", "done"]),
    ],
)
def test_the_stages_show_what_is_done_and_what_is_going_on(state, statuses):
    assert [stage["status"] for stage in stages(Generation(state=state))] == statuses


@pytest.mark.parametrize(
    ("position", "words"),
    [
        (-1.0, "on the left"),
        (-0.1, "in the middle"),
        (0.0, "in the middle"),
        (0.5, "on the right"),
    ],
)
def test_a_place_in_the_image_is_said_in_words(position, words):
    assert place(position) == words


def test_a_waveform_is_drawn_about_its_middle_and_silence_is_a_line():
    assert waveform_path([100, 0]) == "M0.5 0V100M1.5 49.5V50.5"
    assert waveform_path([]) == ""


@pytest.mark.parametrize(("score", "share"), [(0.8, 100), (0.2, 25), (-0.1, 0)])
def test_a_bar_is_as_long_as_its_score_beside_the_best(score, share):
    assert share_of(score, 0.8) == share


def test_without_a_positive_score_there_are_no_bars():
    assert share_of(-0.2, -0.1) == 0


@pytest.mark.django_db
def test_a_soundscape_is_described_in_words():
    generation = factories.GenerationFactory(duration=90)
    middle, left, right = (
        factories.LayerFactory(generation=generation, position=position).category.label
        for position in (0.1, -0.8, 0.9)
    )
    assert in_words(generation) == (
        "A soundscape of 1 min 30 s that loops without a seam: "
        f"{middle}, {left} on the left and {right} on the right."
    )
    assert in_words(factories.GenerationFactory()).endswith("loops without a seam.")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"position": -0.8, "y": -0.8, "extent": 0.1}, "at the top left of the image"),
        ({"position": 0.0, "y": 0.8, "extent": 0.1}, "at the bottom of the image"),
        ({"position": 0.8, "y": 0.0, "extent": 0.1}, "on the right of the image"),
        ({"position": 0.0, "y": 0.0, "extent": 0.1}, "in the middle of the image"),
        ({"position": 0.8, "y": 0.8, "extent": 0.9}, "all over the image"),
    ],
)
def test_where_evidence_is_is_said_in_two_dimensions(facts, words):
    assert found(Similarity(**facts)) == words


def test_a_heat_map_draws_the_places_that_show_something():
    assert heat("0f/80") == (
        '<rect x="1" y="0" width="1" height="1" opacity="1.0"/>'
        '<rect x="0" y="1" width="1" height="1" opacity="0.53"/>'
    )
    assert heat_size("000/0f0") == "3 2"
