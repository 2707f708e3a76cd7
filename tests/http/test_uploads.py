"""Missing, empty and too large uploads."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES
from soundscapes.http.uploads import NO_PHOTO, PhotoForm


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


def test_other_files_pass_the_form():
    assert PhotoForm(files={"image": SimpleUploadedFile("a.jpg", bytes(MAX_BYTES))}).is_valid()
