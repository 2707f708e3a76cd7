"""New versions of a soundscape, from what was chosen to the sound."""

import numpy as np
import pytest
import soundfile

from soundscapes.engine.sound.layer_choices import LayerChoice
from soundscapes.generations import generations, remixes
from soundscapes.images import images
from soundscapes.models import Clip, Generation, Similarity, State
from tests import factories, sample_files
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def original(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    generation = generations.create_generation(owner, image, duration=5, seed=7, layer_count=2)
    assert work_off() == []
    generation.refresh_from_db()
    return generation


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


def test_a_remix_that_changes_nothing_sounds_the_same(owner, original):
    choices = remixes.current_choices(original)
    assert made(owner, original, choices).audio_checksum == original.audio_checksum


def test_a_remix_keeps_its_parent_and_everything_that_was_not_changed(owner, original):
    choices = change(remixes.current_choices(original), 1, gain_db=-12.0)
    remix = made(owner, original, choices)
    assert (remix.parent, remix.image, remix.seed) == (original, original.image, original.seed)
    assert layers(remix)[1]["gain_db"] == layers(original)[1]["gain_db"] - 12
    assert layers(remix)[1]["events"] == layers(original)[1]["events"]
    assert layers(remix)[2] == layers(original)[2]


def test_a_layer_moved_to_the_left_is_louder_there(owner, original):
    choices = [
        LayerChoice(c.place, c.category, position=-1.0, is_muted=c.place == 2)
        for c in remixes.current_choices(original)
    ]
    remix = made(owner, original, choices)
    assert remix.layers.get().position == -1
    assert layers(remix)[1]["position"] == -1


def test_a_muted_layer_keeps_its_place_and_is_not_heard(owner, original):
    choices = change(remixes.current_choices(original), 1, is_muted=True)
    remix = made(owner, original, choices)
    assert [layer.rank for layer in remix.layers.all()] == [2]
    stem, _ = soundfile.read(remix.layers.get().stem.path)
    mix, _ = soundfile.read(remix.audio.path)
    assert np.abs(stem - mix).max() < 1e-3
    again = remixes.current_choices(remix)
    assert [choice.is_muted for choice in again] == [True, False]


def test_another_sound_takes_a_layer_s_place_and_says_that_it_was_chosen(owner, original):
    (third,) = {"sea_waves", "dog", "chirping_birds"} - {
        layer.category.slug for layer in original.layers.all()
    }
    choices = change(remixes.current_choices(original), 1, category=third, position=None)
    remix = made(owner, original, choices)
    layer = remix.layers.get(rank=1)
    assert layer.category.slug == third
    assert layer.reason.startswith("Chosen by hand; number 3 of 3")
    assert layer.position == Similarity.objects.get(category__slug=third).position


def test_a_chosen_clip_is_the_only_one_of_its_layer(owner, original):
    category = original.layers.get(rank=1).category
    wanted = factories.ClipFactory(category=category)
    choices = change(remixes.current_choices(original), 1, clip=wanted.checksum)
    remix = made(owner, original, choices)
    assert {event["clip"] for event in layers(remix)[1]["events"]} == {wanted.checksum}


def test_a_remix_of_a_remix_starts_from_where_that_was(owner, original):
    first = made(owner, original, change(remixes.current_choices(original), 1, gain_db=-6.0))
    choices = remixes.current_choices(first)
    assert choices[0].gain_db == -6
    second = made(owner, first, choices)
    assert second.parent == first
    assert second.audio_checksum == first.audio_checksum


def test_a_remix_outlives_its_parent(owner, original):
    remix = made(owner, original, remixes.current_choices(original))
    original.delete()
    remix.refresh_from_db()
    assert remix.parent is None


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ([], "Nothing would be heard"),
        ([LayerChoice(1, "dog", is_muted=True)], "Nothing would be heard"),
        ([LayerChoice(1, "unicorn")], "no sound called “unicorn”"),
        ([LayerChoice(1, "dog"), LayerChoice(2, "dog")], "twice"),
        ([LayerChoice(place, f"s{place}") for place in range(6)], "5 sounds at most"),
    ],
)
def test_what_cannot_be_mixed_is_refused_in_words(owner, original, choices, words):
    with pytest.raises(remixes.RemixError, match=words):
        remixes.create_remix(owner, original, choices)
    assert Generation.objects.count() == 1


def test_a_sound_that_was_disabled_before_its_turn_fails_in_words(owner, original):
    remix = remixes.create_remix(owner, original, remixes.current_choices(original))
    Clip.objects.filter(category=original.layers.get(rank=1).category).update(is_enabled=False)
    work_off()
    remix.refresh_from_db()
    assert remix.state == State.FAILED
    assert "Choose another one" in remix.error


def test_a_program_that_asks_for_the_image_never_gets_a_remix(owner, original):
    first = generations.get_or_create_generation(owner, original.image)
    assert work_off() == []
    first.refresh_from_db()
    made(owner, first, remixes.current_choices(first))
    assert generations.get_or_create_generation(owner, original.image) == first


def test_the_next_best_is_the_first_that_was_not_passed_over(original):
    ranked = [row.category for row in Similarity.objects.order_by("rank")]
    assert remixes.next_best(original, []) == ranked[0]
    assert remixes.next_best(original, [ranked[0].slug]) == ranked[1]
    assert remixes.next_best(original, [category.slug for category in ranked]) is None
