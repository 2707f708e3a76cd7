"""The Idempotency-Key header: a repeated request is executed once."""

from datetime import timedelta
from uuid import uuid4

import pytest

from soundscapes.limits import idempotency
from soundscapes.models import Generation, IdempotencyRecord, Image, State
from soundscapes.models.limits import LIFETIME
from tests import factories
from tests.api.sending import ask, upload
from tests.queue import wake_ups

pytestmark = pytest.mark.django_db


def test_a_repeated_request_is_executed_once(api, image):
    first, second = ask(api, image, key="a1"), ask(api, image, key="a1")
    assert second.json() == first.json()
    assert (second.status_code, second["Location"]) == (202, first["Location"])
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Generation.objects.count() == 1
    assert wake_ups() == 2  # for the matching and the rendering
    assert ask(api, image, key="a2").json()["id"] != first.json()["id"]


def test_a_repeated_upload_is_executed_once(api):
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


def test_keys_are_per_user(api, program, stranger):
    shared = factories.ImageFactory(of_set=True)
    mine, theirs = ask(api, shared, key="a1"), ask(program(stranger), shared, key="a1")
    assert mine.json()["id"] != theirs.json()["id"]


def test_a_rejected_request_can_be_repeated_with_the_same_key(api, image):
    assert ask(api, Image(pk=uuid4()), key="a1").status_code == 404
    assert ask(api, image, key="a1").status_code == 202


@pytest.mark.parametrize("key", ["", "x" * 256, "two words", "é"])
def test_an_invalid_key_is_400(api, image, key):
    assert ask(api, image, key=key).status_code == 400
    assert not Generation.objects.exists()


def test_a_key_expires_after_a_day(api, image, owner):
    first = ask(api, image, key="a1").json()
    yesterday = IdempotencyRecord.objects.get().created_at - LIFETIME - timedelta(seconds=1)
    IdempotencyRecord.objects.update(created_at=yesterday)
    assert ask(api, image, key="a1").json()["id"] != first["id"]
    IdempotencyRecord.objects.update(created_at=yesterday)
    assert idempotency.forget_expired() == 1
