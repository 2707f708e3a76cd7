"""Photos that a process of its own decodes: HEIC, AVIF, and all that takes much memory."""

import pillow_heif
import pytest

from soundscapes.engine import limited_process
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import reading
from soundscapes.engine.photos.decoding import Demand
from tests.engine.photo_files import (
    BLUE,
    RED,
    encoded,
    halves,
    heic,
    near,
    noise,
    oriented,
    refusal,
)
from tests.engine.profiles import P3
from tests.engine.test_colour_profiles import as_browsers_show, difference


@pytest.mark.parametrize("depth", [8, 10])
def test_an_iphone_s_photo_is_read(depth):
    photo = reading.read_photo(heic(halves((640, 480)), depth=depth))
    assert (photo.format, photo.width, photo.height) == ("HEIF", 640, 480)
    assert near(photo.image.getpixel((20, 20)), RED, 16)
    assert near(photo.image.getpixel((600, 20)), BLUE, 16)


def test_of_several_images_in_a_heic_the_primary_one_is_read():
    data = heic(halves((320, 240), left=BLUE), halves((640, 480)), primary_index=1)
    photo = reading.read_photo(data)
    assert (photo.width, photo.height) == (640, 480)
    assert near(photo.image.getpixel((20, 20)), RED, 16)


@pytest.mark.parametrize(
    "make",
    [
        lambda **o: heic(halves((640, 480)), **o),
        lambda **o: encoded(halves((640, 480)), "AVIF", **o),
    ],
)
def test_a_turned_photo_is_turned_once(make):
    photo = reading.read_photo(make(exif=oriented(6)))
    assert (photo.width, photo.height, photo.image.size) == (480, 640, (480, 640))
    assert near(photo.image.getpixel((9, 9)), RED, 16)
    assert near(photo.image.getpixel((9, 630)), BLUE, 16)


def test_the_profile_of_a_heic_counts():
    image = noise((64, 48)).resize((256, 192))
    image.info["icc_profile"] = P3
    data = heic(image, chroma=444)
    with pillow_heif.open_heif(data).to_pillow() as opened:
        wanted = as_browsers_show(opened.convert("RGB"), P3)
    assert difference(reading.read_photo(data).image, wanted).max() <= 2


def test_an_avif_is_read():
    photo = reading.read_photo(encoded(halves((640, 480)), "AVIF"), max_side=320)
    assert (photo.format, photo.width, photo.image.size) == ("AVIF", 640, (320, 240))
    assert near(photo.image.getpixel((20, 20)), RED, 16)


def test_a_moving_avif_is_refused():
    frames = [halves(left=(shade, 0, 0)) for shade in (0, 90, 180)]
    data = encoded(frames[0], "AVIF", save_all=True, append_images=frames[1:])
    assert refusal(data).code == "animated"


def test_a_refusal_comes_back_in_its_words():
    with pytest.raises(PhotoError) as here:
        reading.read_photo(encoded(halves((15, 90)), "PNG"))
    with pytest.raises(PhotoError) as apart:
        reading.decode_apart(encoded(halves((15, 90)), "PNG"), Demand(None, None))
    assert (str(here.value), here.value.code) == (str(apart.value), apart.value.code)


@pytest.mark.parametrize(("is_heavy", "code"), [(True, "too_heavy"), (False, "damaged")])
def test_a_process_that_ends_early_is_a_refusal(monkeypatch, is_heavy, code):
    def end(*_arguments):
        raise limited_process.ProcessEndedError(is_heavy)

    monkeypatch.setattr(limited_process, "run", end)
    with pytest.raises(PhotoError) as caught:
        reading.decode_apart(b"", Demand(None, None))
    assert caught.value.code == code
