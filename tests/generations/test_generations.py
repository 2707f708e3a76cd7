"""Requests for soundscapes."""

import pytest

from soundscapes.generations import generations, rendering
from soundscapes.models import Generation, State
from soundscapes.models.generations import DEFAULT_DURATION, DEFAULT_LAYERS, MAX_SEED
from tests import factories
from tests.queue import waiting, wake_ups, work_off

pytestmark = pytest.mark.django_db


def test_a_new_soundscape_is_queued_with_its_options(owner, image):
    generation = generations.create_generation(owner, image, duration=9, layer_count=2, seed=5)
    generation.refresh_from_db()
    assert (generation.duration, generation.layer_count, generation.seed) == (9, 2, 5)
    assert (generation.owner, generation.image, generation.state) == (owner, image, State.QUEUED)
    assert wake_ups() == 2  # for the matching, and for the mix


def test_without_a_seed_every_soundscape_differs(owner, image):
    made = [generations.create_generation(owner, image) for _ in range(5)]
    assert len({generation.seed for generation in made}) == len(made)
    assert all(0 <= generation.seed <= MAX_SEED for generation in made)
    assert {generation.duration for generation in made} == {DEFAULT_DURATION}
    assert {generation.layer_count for generation in made} == {DEFAULT_LAYERS}


def test_a_repeated_api_request_gets_the_same_soundscape(owner, image):
    first = generations.get_or_create_generation(owner, image)
    assert generations.get_or_create_generation(owner, image) == first
    assert wake_ups() == 2  # for the matching, and for the mix


def test_soundscapes_of_others_and_other_encoders_are_not_reused(owner, stranger):
    image = factories.ImageFactory(of_set=True)
    theirs = generations.get_or_create_generation(stranger, image)
    mine = generations.get_or_create_generation(owner, image)
    assert mine != theirs
    assert mine.seed == theirs.seed
    Generation.objects.filter(pk=mine.pk).update(encoder="an older one")
    assert generations.get_or_create_generation(owner, image) not in (mine, theirs)


def test_a_soundscape_with_other_options_is_not_reused(owner, image):
    seed = generations.repeatable_seed(image)
    short = generations.create_generation(owner, image, seed=seed, duration=5)
    assert generations.get_or_create_generation(owner, image) != short


def test_a_soundscape_in_the_other_mode_is_not_reused(owner, image):
    calm = generations.get_or_create_generation(owner, image)
    faithful = generations.get_or_create_generation(owner, image, mode="faithful")
    assert (calm.mode, faithful.mode) == ("calm", "faithful")
    assert generations.get_or_create_generation(owner, image, mode="faithful") == faithful
    assert generations.get_or_create_generation(owner, image) == calm


def test_a_failed_soundscape_is_retried(owner, image):
    first = generations.get_or_create_generation(owner, image)
    Generation.objects.update(state=State.FAILED, error="It broke.", attempts=3)
    again = generations.get_or_create_generation(owner, image)
    assert again == first
    assert (again.state, again.error, again.attempts) == (State.QUEUED, "", 0)
    assert wake_ups() == 3


@pytest.mark.parametrize("state", [State.QUEUED, State.RENDERING])
def test_only_a_failed_soundscape_is_retried(owner, image, state):
    generation = factories.GenerationFactory(owner=owner, image=image, state=state, attempts=1)
    generations.retry_generation(generation)
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (state, 1)
    assert waiting() == []


def test_a_cancelled_soundscape_is_not_rendered_and_can_be_retried(owner, image, sounds):
    generation = generations.create_generation(owner, image, duration=5)
    generations.cancel_generation(generation)
    assert (generation.state, generation.stage) == (State.CANCELLED, "Cancelled")
    assert work_off() == []
    generation.refresh_from_db()
    assert (generation.state, generation.attempts) == (State.CANCELLED, 0)
    generations.retry_generation(generation)
    assert (generation.state, generation.error) == (State.QUEUED, "")
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.READY


def test_cancelling_during_mixing_deletes_the_files(owner, image, sounds, monkeypatch, stored):
    generation = generations.create_generation(owner, image, duration=5)
    render = rendering.render

    def render_and_cancel(*args, **kwargs):
        generations.cancel_generation(generation)
        return render(*args, **kwargs)

    monkeypatch.setattr(rendering, "render", render_and_cancel)
    assert work_off() == []
    generation.refresh_from_db()
    assert generation.state == State.CANCELLED
    assert not [name for name in stored() if name.startswith(("generations/", ".render-"))]


@pytest.mark.parametrize("state", [State.FAILED, State.CANCELLED])
def test_a_finished_soundscape_cannot_be_cancelled(owner, image, state):
    generation = factories.GenerationFactory(owner=owner, image=image, state=state, error="Why.")
    generations.cancel_generation(generation)
    assert (generation.state, generation.error) == (state, "Why.")


def test_a_repeated_api_request_retries_a_cancelled_soundscape(owner, image):
    first = generations.get_or_create_generation(owner, image)
    generations.cancel_generation(first)
    again = generations.get_or_create_generation(owner, image)
    assert (again, again.state) == (first, State.QUEUED)
