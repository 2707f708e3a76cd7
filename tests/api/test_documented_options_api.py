"""Options of the documented endpoints, and HTTP caching: ETag, If-None-Match, Range."""

import pytest

from soundscapes.generations.transcoding import MEDIA_TYPES
from soundscapes.models import Generation
from tests import factories
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_waiting")]


@pytest.fixture
def image(owner, sounds):
    return factories.ImageFactory(owner=owner)


def body(answer) -> bytes:
    return b"".join(answer.streaming_content)


def hear(api, image, headers=None, **options):
    """Return the audio, after the worker has rendered and converted it."""
    query = {"image": image.pk, "duration": 5} | options
    for _waited_for in ("rendering", "conversion"):
        answer = api.get("/generate_audio", query, headers=headers or {})
        if answer.status_code != 202:
            return answer
        assert work_off() == []
    return api.get("/generate_audio", query, headers=headers or {})


def test_the_same_image_and_seed_give_the_same_bytes_and_etag(api, image):
    first, again, other = (hear(api, image, seed=seed) for seed in (7, 7, 8))
    assert first["ETag"] == again["ETag"] != other["ETag"]
    assert body(first) == body(again) != body(other)
    assert Generation.objects.count() == 2


def test_a_matching_etag_is_304(api, image):
    etag = hear(api, image, seed=7)["ETag"]
    answer = hear(api, image, {"If-None-Match": etag}, seed=7)
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert hear(api, image, {"If-None-Match": '"other"'}, seed=7).status_code == 200


def test_ranges_are_served(api, image):
    whole = body(hear(api, image, seed=7))
    answer = hear(api, image, {"Range": "bytes=4-11"}, seed=7)
    assert (answer.status_code, body(answer)) == (206, whole[4:12])
    assert answer["Content-Range"] == f"bytes 4-11/{len(whole)}"
    assert hear(api, image, {"Range": "bytes=999999999-"}, seed=7).status_code == 416


def test_the_options_are_applied(api, image):
    options = {"seed": 7, "duration": 6, "layers": 2, "mode": "faithful"}
    assert hear(api, image, **options).status_code == 200
    made = Generation.objects.get()
    assert (made.seed, made.duration, made.layer_count, made.mode) == (7, 6, 2, "faithful")
    assert made.layers.count() == 2


@pytest.mark.parametrize(("name", "kind"), MEDIA_TYPES.items())
def test_formats_belong_to_the_same_soundscape(api, image, name, kind):
    answer = hear(api, image, format=name)
    assert answer["Content-Type"] == kind
    assert Generation.objects.count() == 1


@pytest.mark.parametrize(
    "option",
    [
        {"seed": "-1"},
        {"seed": "x"},
        {"duration": "4"},
        {"duration": "3601"},
        {"layers": "0"},
        {"layers": "6"},
        {"format": "aac"},
        {"image_set": "x"},
    ],
)
def test_invalid_options_are_reported_with_a_pointer(api, option):
    (name,) = option
    path = "/random_image" if name == "image_set" else "/generate_audio"
    answer = api.get(path, option)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"#/{name}"


def test_a_repeated_parameter_is_400(api):
    answer = api.get("/generate_audio?seed=1&seed=2")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "#/seed"


def test_an_image_is_drawn_from_the_requested_set(api):
    wanted = factories.ImageFactory(of_set=True)
    factories.ImageFactory.create_batch(3, of_set=True)
    chosen = {"image_set": str(wanted.image_set.public_id)}
    for _number in range(3):
        assert api.get("/random_image", chosen).json()["id"] == str(wanted.pk)
    hidden = factories.ImageFactory(of_set=True, image_set__is_active=False)
    answer = api.get("/random_image", {"image_set": str(hidden.image_set.public_id)})
    assert answer.status_code == 404
    empty = factories.ImageSetFactory()
    answer = api.get("/random_image", {"image_set": str(empty.public_id)})
    assert (answer.status_code, answer.json()["type"]) == (503, "/api/v1/problems/no-images/")
