"""Encoding of many photos."""

from threading import Lock, Thread, get_ident
from time import sleep

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.errors import PhotoError
from soundscapes.engine.matching.bulk import encode_in_bulk
from soundscapes.engine.matching.encoder import PhotoEncoding


class Widths:
    """Encodes a photo as its width, and notes the sizes of the batches."""

    slug = name = "widths"
    dimension, trouble = 1, ""

    def __init__(self):
        self.batches = []

    def encode_photos(self, photos):
        self.batches.append(len(photos))
        return [PhotoEncoding(np.full((4, 1), photo.width, np.float32)) for photo in photos]

    def encode_texts(self, texts):
        raise NotImplementedError


def photo(width):
    return Image.new("RGB", (width, 5))


def test_every_photo_has_its_own_encoding_in_the_given_order():
    encoder = Widths()
    batches = [[1, 2, 3], [4, 5], [], [6]]
    found = list(encode_in_bulk(encoder, batches, photo, threads=3))
    assert [[(each, int(e.vectors[0, 0])) for each, e in rows] for rows in found] == [
        [(number, number) for number in batch] for batch in batches
    ]
    assert sorted(encoder.batches[1:]) == [0, 1, 2, 3]


@pytest.mark.parametrize("error", [OSError("gone"), PhotoError("damaged", code="damaged")])
def test_a_photo_that_cannot_be_read_does_not_hold_up_the_others(error):
    def read(width):
        if width == 2:
            raise error
        return photo(width)

    (rows,) = encode_in_bulk(Widths(), [[1, 2, 3]], read)
    assert [each for each, _ in rows] == [1, 2, 3]
    assert rows[1][1] is error
    assert int(rows[2][1].vectors[0, 0]) == 3


def test_photos_are_read_side_by_side_and_not_far_ahead():
    begun, lock, readers = [], Lock(), set()

    def read(width):
        with lock:
            begun.append(width)
            readers.add(get_ident())
        sleep(0.02)
        return photo(width)

    taken = encode_in_bulk(Widths(), ([n] for n in range(1, 21)), read, threads=4)
    next(taken)
    assert len(begun) <= 5
    assert len(list(taken)) == 19
    assert len(readers) > 1


def test_an_interrupted_run_ends_its_threads():
    taken = encode_in_bulk(Widths(), ([n] for n in range(1, 100)), photo, threads=2)
    next(taken)
    ending = Thread(target=taken.close)
    ending.start()
    ending.join(timeout=60)
    assert not ending.is_alive()
