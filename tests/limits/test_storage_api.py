"""Full storage in the API."""

import pytest

from tests import factories, sample_files

pytestmark = pytest.mark.django_db


def send(api):
    data = {"image": sample_files.upload(sample_files.photo())}
    return api.post("/api/v1/images/", data, format="multipart")


def test_a_full_storage_is_a_403(api, owner, settings):
    settings.STORAGE_LIMIT = 1000
    image = factories.ImageFactory(owner=owner, size=400)
    storage = api.get("/api/v1/me/").json()["storage"]
    assert storage == {"used": 400, "limit": 1000}
    answers = [
        send(api),
        api.post("/api/v1/generations/", {"image": str(image.pk)}, format="json"),
        api.get("/generate_audio", {"image": image.pk}),
        api.post(
            "/upload_image",
            {"image": sample_files.upload(sample_files.photo())},
            format="multipart",
        ),
    ]
    for answer in answers:
        assert answer.status_code == 403
        assert answer.json()["type"].endswith("/storage-full/")
        assert "Delete soundscapes" in answer.json()["detail"]
