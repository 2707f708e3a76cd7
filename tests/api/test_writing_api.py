"""Asking for work, changing and deleting, and doing a repeated request once."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.urls import reverse

from soundscapes.limits import idempotency
from soundscapes.models import Generation, IdempotencyRecord, Image, State
from soundscapes.models.idempotency import LIFETIME
from soundscapes.pictures import images
from tests import factories, sample_files
from tests.queue import wake_ups, work_off

pytestmark = pytest.mark.django_db


def upload(api, number=0, key=None, **fields):
    headers = {"Idempotency-Key": key} if key else {}
    data = {"image": sample_files.upload(sample_files.photo(number)), **fields}
    return api.post("/api/v1/images/", data, format="multipart", headers=headers)


def ask(api, image, key=None, **options):
    headers = {"Idempotency-Key": key} if key is not None else {}
    return post(api, {"image": str(image.pk), **options}, headers)


def post(api, body, headers=None):
    return api.post("/api/v1/generations/", body, format="json", headers=headers or {})


@pytest.fixture
def image(owner):
    return factories.ImageFactory(owner=owner)


@pytest.mark.usefixtures("sounds")
def test_from_a_photo_to_its_result_by_way_of_jobs(api):
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
        assert api.get(rows[0]["stem_url"]).status_code == 200
    plan = api.get(f"{made['status_url']}plan/").json()
    assert plan["seed"] == 7
    assert api.get(made["spectrogram_url"]).status_code == 200


def test_the_plan_of_what_is_not_ready_is_404(api, owner):
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
def test_a_recipe_that_cannot_be_is_pointed_at(api, image, options, pointer):
    answer = post(api, {"image": str(image.pk)} | options)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Generation.objects.exists()


def test_a_soundscape_of_somebody_else_s_picture_is_404(api, stranger):
    theirs = factories.ImageFactory(owner=stranger)
    assert ask(api, theirs).status_code == 404
    assert ask(api, Image(pk=uuid4())).status_code == 404
    assert not Generation.objects.exists()


def test_one_s_own_is_renamed_and_deleted(api, image, stored):
    address = reverse("api_image", args=[image.pk])
    renamed = api.patch(address, {"title": "Dusk"}, format="json")
    assert renamed.json()["title"] == api.get(address).json()["title"] == "Dusk"
    assert api.patch(address, {}, format="json").json()["title"] == "Dusk"
    assert api.patch(address, {"title": 7}, format="json").status_code == 400
    generation = factories.GenerationFactory(owner=image.owner, image=image, ready=True)
    assert api.delete(reverse("api_generation", args=[generation.pk])).status_code == 204
    assert api.get(reverse("api_generation", args=[generation.pk])).status_code == 404
    assert api.delete(address).status_code == 204
    assert not Image.objects.exists()


def test_what_one_sees_but_does_not_own_cannot_be_changed(api):
    shared = factories.ImageFactory(of_set=True)
    address = reverse("api_image", args=[shared.pk])
    assert api.get(address).status_code == 200
    assert api.delete(address).status_code == 404
    assert api.patch(address, {"title": "Mine"}, format="json").status_code == 404
    assert Image.objects.filter(pk=shared.pk, title=shared.title).exists()


def test_a_job_is_its_owner_s_alone(api, owner, stranger, program):
    generation = factories.GenerationFactory(owner=owner)
    address = reverse("api_job", args=[generation.pk])
    assert api.get(address).json()["status"] == "queued"
    assert program(stranger).get(address).status_code == 404
    assert api.get(reverse("api_job", args=[uuid4()])).status_code == 404
    fresh = factories.ImageFactory(owner=owner, state=State.NEW)
    assert api.get(reverse("api_job", args=[fresh.pk])).status_code == 404


# Idempotency-Key


def test_a_repeated_request_is_done_once(api, image):
    first, second = ask(api, image, key="a1"), ask(api, image, key="a1")
    assert second.json() == first.json()
    assert (second.status_code, second["Location"]) == (202, first["Location"])
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Generation.objects.count() == 1
    assert wake_ups() == 2  # for the matching, and for the mix
    assert ask(api, image, key="a2").json()["id"] != first.json()["id"]


def test_a_repeated_upload_is_done_once(api):
    first = upload(api, key="u1")
    Image.objects.update(state=State.READY)
    second = upload(api, key="u1")
    assert second.json() == first.json()
    assert upload(api, number=1, key="u1").status_code == 422


def test_a_key_of_another_request_is_422(api, image):
    ask(api, image, key="a1")
    answer = ask(api, image, key="a1", duration=5)
    assert answer.status_code == 422
    assert answer.json()["type"].endswith("/idempotency-key-reused/")
    assert Generation.objects.count() == 1


def test_a_key_is_one_s_own(api, program, stranger):
    shared = factories.ImageFactory(of_set=True)
    mine, theirs = ask(api, shared, key="a1"), ask(program(stranger), shared, key="a1")
    assert mine.json()["id"] != theirs.json()["id"]


def test_what_was_refused_can_be_tried_again_with_the_same_key(api, image):
    assert ask(api, Image(pk=uuid4()), key="a1").status_code == 404
    assert ask(api, image, key="a1").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "é"])
def test_a_key_that_cannot_be_is_400(api, image, key):
    assert ask(api, image, key=key).status_code == 400
    assert not Generation.objects.exists()


def test_a_key_is_forgotten_after_a_day(api, image, owner):
    first = ask(api, image, key="a1").json()
    yesterday = IdempotencyRecord.objects.get().created_at - LIFETIME - timedelta(seconds=1)
    IdempotencyRecord.objects.update(created_at=yesterday)
    assert ask(api, image, key="a1").json()["id"] != first["id"]
    IdempotencyRecord.objects.update(created_at=yesterday)
    assert idempotency.forget_expired() == 1


def test_work_that_breaks_leaves_no_key_behind(owner):
    def broken(_answer):
        images.remember_latest(owner, factories.ImageFactory(owner=owner))
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        idempotency.once(owner, "a1", "x", broken)
    assert not IdempotencyRecord.objects.exists()
