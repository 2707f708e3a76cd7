"""Soundscapes in the API: requests, layers, plans and versions."""

from uuid import uuid4

import pytest
from django.urls import reverse

from soundscapes.generations import library
from soundscapes.models import Generation, Image
from tests import factories
from tests.api.sending import ask, post, upload
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("sounds")
def test_an_image_becomes_a_soundscape_through_jobs(api, settings):
    settings.API_WAIT_SECONDS = 0  # no worker runs beside the test
    accepted = upload(api, title="The pier")
    assert accepted.status_code == 202
    assert accepted["Location"] == accepted.json()["url"]
    assert int(accepted["Retry-After"]) > 0
    assert work_off() == []
    job = api.get(accepted["Location"]).json()
    assert (job["kind"], job["status"], job["progress"]) == ("matching", "succeeded", 100)
    result = api.get(job["result_url"]).json()
    assert result["title"] == "The pier"
    assert len(result["sounds"]) == 3

    options = {"duration": 5, "seed": 7, "layer_count": 2, "mode": "faithful"}
    accepted = ask(api, Image.objects.get(), **options)
    assert accepted.status_code == 202
    assert work_off() == []
    made = api.get(api.get(accepted["Location"]).json()["result_url"]).json()
    assert {name: made[name] for name in options} == options
    for name in ("layers", "stems"):
        rows = api.get(f"{made['status_url']}{name}/").json()["results"]
        assert rows == made["layers"]
        assert rows[0]["stem_url"].endswith("/1.wav")
    assert api.get(rows[0]["stem_url"]).status_code == 202
    assert work_off() == []
    assert api.get(rows[0]["stem_url"]).status_code == 200
    plan = api.get(f"{made['status_url']}plan/").json()
    assert plan["seed"] == 7
    drawing = api.get(made["spectrogram_url"])
    assert drawing.status_code == 202
    assert work_off() == []
    job = api.get(drawing["Location"]).json()
    assert job["result_url"] == made["spectrogram_url"]


def test_the_plan_of_an_unfinished_soundscape_is_404(api, owner):
    generation = factories.GenerationFactory(owner=owner)
    assert api.get(reverse("api_plan", args=[generation.pk])).status_code == 404


@pytest.mark.parametrize(
    ("options", "pointer"),
    [
        ({"duration": 4}, "#/duration"),
        ({"duration": 3601}, "#/duration"),
        ({"layer_count": 6}, "#/layer_count"),
        ({"seed": -1}, "#/seed"),
        ({"seed": 2**63}, "#/seed"),
        ({"mode": "loud"}, "#/mode"),
        ({"image": "x"}, "#/image"),
        ({"image": None}, "#/image"),
        ({"image": 7}, "#/image"),
        ({"seed": "7"}, "#/seed"),
        ({"seed": True}, "#/seed"),
        ({"seed": 7.5}, "#/seed"),
    ],
)
def test_invalid_options_are_reported_with_a_pointer(api, image, options, pointer):
    answer = post(api, {"image": str(image.pk)} | options)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Generation.objects.exists()


def test_a_soundscape_of_others_images_is_404(api, stranger):
    theirs = factories.ImageFactory(owner=stranger)
    assert ask(api, theirs).status_code == 404
    assert ask(api, Image(pk=uuid4())).status_code == 404
    assert not Generation.objects.exists()


def test_a_soundscape_lists_layers_and_credits(api, generation):
    layers = factories.LayerFactory.create_batch(2, generation=generation)
    data = api.get(reverse("api_generation", args=[generation.pk])).json()
    assert [layer["category"] for layer in data["layers"]] == [row.category.slug for row in layers]
    assert [layer["label"] for layer in data["layers"]] == [row.category.label for row in layers]
    assert data["image"] == str(generation.image_id)
    assert data["seed"] == generation.seed
    assert api.get(data["audio_url"]).status_code == 200
    assert api.get(data["status_url"]).json() == data


def test_versions_are_the_soundscapes_of_one_image_oldest_first(api, owner, stranger, generation):
    image = generation.image
    remix = factories.GenerationFactory(owner=owner, image=image, parent=generation)
    factories.GenerationFactory(owner=owner)  # of another image
    factories.GenerationFactory(owner=stranger, image=image)
    deleted = factories.GenerationFactory(owner=owner, image=image)
    library.delete(owner, [deleted.pk])
    for row in (generation, remix):
        listed = api.get(reverse("api_versions", args=[row.pk])).json()
        assert [found["id"] for found in listed["results"]] == [str(generation.pk), str(remix.pk)]
        assert [found["parent"] for found in listed["results"]] == [None, str(generation.pk)]


def test_versions_are_private_to_their_owner(generation, program, stranger, client):
    url = reverse("api_versions", args=[generation.pk])
    assert program(stranger).get(url).status_code == 404
    assert client.get(url).status_code == 401


def test_a_copy_names_its_origin(api, owner):
    copy = factories.GenerationFactory(owner=owner, origin="Evening")
    assert api.get(reverse("api_generation", args=[copy.pk])).json()["origin"] == "Evening"
