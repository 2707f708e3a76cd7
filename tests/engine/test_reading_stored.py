"""Decoding of images that the application stored itself."""

import io

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.reading import read_photo, read_stored, to_jpeg
from tests.engine.clip_inputs import image


@pytest.mark.parametrize("size", [(2048, 1536), (1100, 2048), (500, 375), (60, 900)])
def test_a_stored_image_is_read_as_if_it_was_checked_again(size):
    data = to_jpeg(image((64, 64)).resize(size), None)
    want, have = read_photo(data, least_side=448).image, read_stored(data, 448)
    assert have.size == want.size
    assert np.abs(np.asarray(have, int) - np.asarray(want, int)).mean() < 1


def test_a_damaged_file_is_reported_with_words():
    data = to_jpeg(image((400, 300)), None)
    for broken in (data[: len(data) // 2], b"", b"junk", data[200:]):
        with pytest.raises(PhotoError, match="damaged"):
            read_stored(broken, 448)


def test_only_what_the_application_writes_is_read():
    buffer = io.BytesIO()
    Image.new("RGB", (9, 9)).save(buffer, "PNG")
    with pytest.raises(PhotoError):
        read_stored(buffer.getvalue(), 448)
