"""Image uploads as multipart/form-data."""

import pytest

from soundscapes.models import Image
from tests import sample_files
from tests.queue import waiting

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.usefixtures("no_waiting")]


def send(client, data=None, name="photo.jpg"):
    fields = {} if data is None else {"image": sample_files.upload(data, name)}
    return client.post("/upload_image", fields, format="multipart")


@pytest.mark.parametrize("name", sample_files.BAD_PHOTOS)
def test_an_invalid_image_is_rejected_with_a_message_and_not_stored(api, stored, owner, name):
    bad = sample_files.BAD_PHOTOS[name]
    answer = send(api, bad.make(), bad.name)
    assert answer.status_code == bad.status
    detail = answer.json()["detail"]
    assert bad.word in detail
    assert detail.endswith(".")
    assert not Image.objects.exists()
    assert waiting() == []
    assert stored() == set()


def test_a_missing_image_is_reported(api):
    answer = send(api)
    assert answer.status_code == 400
    assert "There is no image in this request" in answer.json()["detail"]


def test_a_text_is_no_image(api):
    answer = api.post("/upload_image", {"image": "holiday.jpg"}, format="multipart")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b'{"image": "x"}', "application/json", 415),
        (sample_files.photo(), "image/jpeg", 415),
        (b"nonsense", "multipart/form-data; boundary=b", 400),
        (b"nonsense", "multipart/form-data", 400),
    ],
    ids=["JSON", "bare JPEG", "broken multipart", "no boundary"],
)
def test_other_content_types_are_rejected_with_a_message(api, data, kind, status):
    answer = api.generic("POST", "/upload_image", data, content_type=kind)
    assert answer.status_code == status
    assert answer.json()["detail"]
