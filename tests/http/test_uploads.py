"""Missing, empty and too large uploads."""

from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.http.uploads import LARGE, NO_PHOTO, PhotoForm, photo_bytes


@pytest.mark.parametrize(
    ("data", "words", "status"),
    [
        (None, NO_PHOTO, 400),
        (b"", "The file is empty", 400),
        (bytes(MAX_BYTES + 1), "The file is larger than", 413),
    ],
    ids=["none", "empty", "too large"],
)
def test_refused_uploads_have_a_message_and_a_status(data, words, status):
    form = PhotoForm(files={} if data is None else {"image": SimpleUploadedFile("a.jpg", data)})
    assert not form.is_valid()
    message, code = form.refusal()
    assert words in message
    assert code == status


def test_of_large_photos_one_at_a_time_is_in_memory():
    large = SimpleUploadedFile("a.jpg", bytes(LARGE + 1))
    waiting = Thread(target=lambda: read.append(one(large)), daemon=True)
    read = []
    with photo_bytes(SimpleUploadedFile("b.jpg", bytes(LARGE + 1))):
        waiting.start()
        waiting.join(0.2)
        assert read == []
        assert one(SimpleUploadedFile("small.jpg", b"small")) == 5
    waiting.join(60)
    assert read == [LARGE + 1]


def one(upload):
    with photo_bytes(upload) as data:
        return len(data)


def test_a_photo_is_read_from_its_start_every_time():
    upload = SimpleUploadedFile("a.jpg", b"photo")
    assert (one(upload), one(upload)) == (5, 5)


def test_any_other_file_is_left_to_the_service():
    assert PhotoForm(files={"image": SimpleUploadedFile("a.jpg", bytes(MAX_BYTES))}).is_valid()
