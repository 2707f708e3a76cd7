"""The end of a JPEG, and data behind it."""

import random
import struct

import pytest

from soundscapes.engine.photos import jpeg_structure, reading
from tests.engine.photo_files import encoded, halves, noise, refusal

MOTION = b"MotionPhoto_Data" + random.Random(5).randbytes(200_000)


def restarted(image):
    return encoded(image, "JPEG", restart_marker_blocks=3)


@pytest.mark.parametrize("trailer", [b"", MOTION], ids=["nothing", "motion photo"])
@pytest.mark.parametrize(
    "make",
    [
        lambda: encoded(noise((400, 300)), "JPEG", quality=95),
        lambda: encoded(noise((400, 300)), "JPEG", progressive=True),
        lambda: encoded(noise((400, 300)).convert("L"), "JPEG"),
        lambda: restarted(noise((400, 300))),
        lambda: encoded(halves(), "JPEG"),
    ],
    ids=["plain", "progressive", "grey", "restarts", "flat"],
)
def test_a_jpeg_without_its_end_marker_is_read_whole(make, trailer):
    data = make()
    whole = reading.read_photo(data).image
    assert reading.read_photo(data[:-2] + trailer).image.tobytes() == whole.tobytes()


def test_a_jpeg_that_lacks_half_of_its_end_marker_is_read_whole():
    data = encoded(noise((400, 300)), "JPEG")
    whole = reading.read_photo(data).image
    assert reading.read_photo(data[:-1]).image.tobytes() == whole.tobytes()


@pytest.mark.parametrize("lost", [200, 500])
def test_a_jpeg_that_lacks_a_part_of_its_last_rows_is_read(lost):
    data = encoded(noise((1200, 900)), "JPEG")
    assert reading.read_photo(data[:-lost]).width == 1200


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"restart_marker_blocks": 8}])
@pytest.mark.parametrize("trailer", [b"", b"\0" * 5000])
def test_a_jpeg_that_is_cut_in_the_middle_is_refused(part, options, trailer):
    data = encoded(noise((1200, 900)), "JPEG", **options)
    assert refusal(data[: int(len(data) * part)] + trailer).code == "truncated"


def test_a_trailer_of_any_bytes_is_cut_off():
    data = encoded(noise((400, 300)), "JPEG")
    for seed in range(50):
        trailer = b"MotionPhoto_Data" + random.Random(seed).randbytes(5000)
        closed, _filled = jpeg_structure.ended(data[:-2] + trailer)
        assert closed.startswith(data[:-2])
        assert len(closed) < len(data) + 5100


def test_a_plain_jpeg_has_one_scan_and_a_progressive_one_several():
    assert jpeg_structure.count_scans(encoded(noise(), "JPEG")) == 1
    assert jpeg_structure.count_scans(encoded(noise(), "JPEG", progressive=True)) > 1


def test_the_frame_says_the_size():
    frame = jpeg_structure.lossy_frame(encoded(noise((200, 150)), "JPEG"))
    assert (frame.width, frame.height, frame.components) == (200, 150, 3)
    lossless = encoded(noise(), "JPEG").replace(b"\xff\xc0", b"\xff\xc3")
    assert jpeg_structure.lossy_frame(lossless) is None


def test_metadata_goes_and_what_decoders_need_stays():
    data = encoded(noise().convert("CMYK"), "JPEG", comment=b"hello")
    segment = b"\xff\xed" + struct.pack(">H", 7) + b"dross"
    bare = jpeg_structure.without_metadata(data[:2] + segment + data[2:])
    assert b"hello" not in bare
    assert b"dross" not in bare
    assert reading.read_photo(bare).image.tobytes() == reading.read_photo(data).image.tobytes()
