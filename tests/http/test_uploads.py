"""The photo field of a request: missing, empty, too large."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.http.uploads import NO_PHOTO, PhotoForm


@pytest.mark.parametrize(
    ("data", "words", "status"),
    [
        (None, NO_PHOTO, 400),
        (b"", "This file is empty", 400),
        (bytes(MAX_BYTES + 1), "the limit is", 413),
    ],
    ids=["none", "empty", "too large"],
)
def test_what_is_refused_has_words_and_a_status(data, words, status):
    form = PhotoForm(files={} if data is None else {"image": SimpleUploadedFile("a.jpg", data)})
    assert not form.is_valid()
    message, code = form.refusal()
    assert words in message
    assert code == status


def test_any_other_file_is_left_to_the_service():
    assert PhotoForm(files={"image": SimpleUploadedFile("a.jpg", bytes(MAX_BYTES))}).is_valid()
