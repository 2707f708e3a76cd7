"""Request quotas of the API."""

import pytest
from rest_framework.test import APIClient

from soundscapes.limits import quotas
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


def send(api):
    data = {"image": sample_files.upload(sample_files.photo())}
    return api.post("/api/v1/images/", data, format="multipart")


@pytest.mark.usefixtures("small_quotas")
def test_beyond_the_quota_is_429_with_retry_after(api, program, stranger):
    for _number in range(5):
        assert api.get("/api/v1/categories/").status_code == 200
    answer = api.get("/api/v1/categories/")
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 3600
    assert answer.json()["type"].endswith("/quota-exceeded/")
    assert "reading" in answer.json()["detail"]
    assert program(stranger).get("/api/v1/categories/").status_code == 200


@pytest.mark.usefixtures("small_quotas")
def test_requests_and_work_are_counted_separately(api, owner):
    image = factories.ImageFactory(owner=owner)
    assert send(api).status_code == 202
    assert send(api).status_code == 429
    body = {"image": str(image.pk)}
    assert api.post("/api/v1/generations/", body, format="json").status_code == 202
    assert api.post("/api/v1/generations/", body, format="json").status_code == 429
    left = {quota["kind"]: quota["remaining"] for quota in api.get("/api/v1/me/").json()["quotas"]}
    assert left == {"read": 0, "upload": 0, "generate": 0}


def test_unauthenticated_requests_are_not_counted(owner):
    APIClient().get("/api/v1/me/")
    assert {quota.remaining == quota.limit for quota in quotas.left(owner)} == {True}
