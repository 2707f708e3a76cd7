"""Remixes, from choices to audio."""

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from soundscapes.engine.layer_choices import LayerChoice
from soundscapes.generations import generations, remixes
from soundscapes.models import Clip, Generation, Similarity, State
from tests import factories
from tests.layers import rendered_layers
from tests.queue import work_off

pytestmark = pytest.mark.django_db


def change(choices, place, **changes):
    return [
        LayerChoice(**({n: getattr(c, n) for n in c.__slots__} | changes))
        if c.place == place
        else c
        for c in choices
    ]


def made(owner, original, choices):
    remix = remixes.create_remix(owner, original, choices)
    assert work_off() == []
    remix.refresh_from_db()
    assert (remix.state, remix.error) == (State.READY, "")
    return remix


def layers(generation):
    return {layer["rank"]: layer for layer in generation.plan["layers"]}


def softer(generation, gain_db=-6.0):
    return change(generation.current_choices(), 1, gain_db=gain_db)


def test_an_unchanged_remix_is_not_made(owner, original):
    choices = original.current_choices()
    nearly = [replace(choice, position=choice.position + 0.02) for choice in choices]
    for same in (choices, nearly):
        with pytest.raises(remixes.RemixError, match="Nothing changed"):
            remixes.create_remix(owner, original, same, "softer rain")
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"gain_db": -1.0},
        {"position": -1.0},
        {"position": None},
        {"is_muted": True},
        {"clip": "0" * 64},
        {"category": "unicorn"},
    ],
    ids=str,
)
def test_every_change_of_a_layer_is_a_change(original, changes):
    choices = original.current_choices()
    assert remixes.is_changed(original, change(choices, 1, **changes))
    assert remixes.is_changed(original, choices[:1])


def test_a_change_that_is_taken_back_sounds_the_same(owner, original):
    remix = made(owner, original, softer(original))
    again = made(owner, remix, softer(remix, 0.0))
    assert again.audio_checksum == original.audio_checksum


def test_a_remix_has_a_name_without_needless_space(owner, original):
    remix = remixes.create_remix(owner, original, softer(original), "  softer   rain ")
    assert remix.remix_name == "softer rain"


def test_a_remix_keeps_its_parent_and_unchanged_layers(owner, original):
    choices = change(original.current_choices(), 1, gain_db=-12.0)
    remix = made(owner, original, choices)
    assert (remix.parent, remix.image, remix.seed) == (original, original.image, original.seed)
    assert layers(remix)[1]["gain_db"] == layers(original)[1]["gain_db"] - 12
    assert layers(remix)[1]["events"] == layers(original)[1]["events"]
    assert layers(remix)[2] == layers(original)[2]


def test_a_layer_moved_to_the_left_is_louder_there(owner, original):
    choices = [
        LayerChoice(c.place, c.category, position=-1.0, is_muted=c.place == 2)
        for c in original.current_choices()
    ]
    remix = made(owner, original, choices)
    assert remix.layers.get().position == -1
    assert layers(remix)[1]["position"] == -1


def test_a_muted_layer_keeps_its_place_and_is_silent(owner, original):
    choices = change(original.current_choices(), 1, is_muted=True)
    remix = made(owner, original, choices)
    assert [layer.rank for layer in remix.layers.all()] == [2]
    (layer,) = rendered_layers(remix)
    stem, _ = soundfile.read(layer.stem.path)
    mix, _ = soundfile.read(remix.audio.path)
    assert np.abs(stem - mix).max() < 1e-3
    again = remix.current_choices()
    assert [choice.is_muted for choice in again] == [True, False]


def test_a_replaced_category_is_marked_as_chosen(owner, original):
    (third,) = {"sea_waves", "dog", "chirping_birds"} - {
        layer.category.slug for layer in original.layers.all()
    }
    choices = change(original.current_choices(), 1, category=third, position=None)
    remix = made(owner, original, choices)
    layer = remix.layers.get(rank=1)
    assert layer.category.slug == third
    assert layer.reason.startswith("Chosen by hand; number 3 of 3")
    assert layer.position == Similarity.objects.get(category__slug=third).position


def test_a_chosen_clip_is_the_only_clip_of_its_layer(owner, original):
    category = original.layers.get(rank=1).category
    wanted = factories.ClipFactory(category=category)
    choices = change(original.current_choices(), 1, clip=wanted.checksum)
    remix = made(owner, original, choices)
    assert {event["clip"] for event in layers(remix)[1]["events"]} == {wanted.checksum}


def test_a_remix_of_a_remix_starts_with_its_layers(owner, original):
    first = made(owner, original, change(original.current_choices(), 1, gain_db=-6.0))
    choices = first.current_choices()
    assert choices[0].gain_db == -6
    second = made(owner, first, change(choices, 2, is_muted=True))
    assert second.parent == first
    assert layers(second)[1] == layers(first)[1]


def test_a_remix_outlives_its_parent(owner, original):
    remix = made(owner, original, softer(original))
    original.delete()
    remix.refresh_from_db()
    assert remix.parent is None


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([], "no layers. Add at least one"),
        ([LayerChoice(1, "dog", is_muted=True)], "All layers are muted"),
        ([LayerChoice(1, "unicorn")], "no category “unicorn”"),
        ([LayerChoice(1, "dog"), LayerChoice(2, "dog")], "Two layers use"),
        ([LayerChoice(place, f"s{place}") for place in range(6)], "up to 5 layers"),
    ],
)
def test_invalid_choices_are_rejected_with_a_message(owner, original, choices, words):
    with pytest.raises(remixes.RemixError, match=words):
        remixes.create_remix(owner, original, choices)
    assert Generation.objects.count() == 1


def test_a_category_disabled_before_rendering_fails_with_a_message(owner, original):
    remix = remixes.create_remix(owner, original, softer(original))
    Clip.objects.filter(category=original.layers.get(rank=1).category).update(is_enabled=False)
    work_off()
    remix.refresh_from_db()
    assert remix.state == State.FAILED
    assert "Choose another one" in remix.error


def test_an_api_request_never_reuses_a_remix(owner, original):
    first = generations.get_or_create_generation(owner, original.image)
    assert work_off() == []
    first.refresh_from_db()
    made(owner, first, softer(first))
    assert generations.get_or_create_generation(owner, original.image) == first


def test_the_next_best_skips_rejected_categories(original):
    ranked = [row.category for row in Similarity.objects.order_by("rank")]
    assert remixes.next_best(original, []) == ranked[0]
    assert remixes.next_best(original, [ranked[0].slug]) == ranked[1]
    assert remixes.next_best(original, [category.slug for category in ranked]) is None
