"""Layer choices survive JSON."""

import json

import pytest

from soundscapes.engine.layer_choices import LayerChoice, from_json, to_json

CHOICES = [
    LayerChoice(1, "rain"),
    LayerChoice(2, "crow", gain_db=-3.5, position=0.25, clip="ab12", is_muted=True),
]


def test_choices_survive_json_text_exactly():
    assert from_json(json.loads(json.dumps(to_json(CHOICES)))) == CHOICES


def test_omitted_fields_keep_their_defaults():
    (choice,) = from_json([{"place": 3, "category": "wind"}])
    assert choice == LayerChoice(3, "wind")
    assert (choice.gain_db, choice.position, choice.clip, choice.is_muted) == (0, None, "", False)


def test_a_choice_without_a_place_or_with_an_unknown_field_is_rejected():
    for entry in ({"category": "wind"}, {"place": 1, "category": "wind", "surprise": 1}):
        with pytest.raises(TypeError):
            from_json([entry])
