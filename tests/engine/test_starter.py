"""The pictures of the first run come out of installed packages."""

import subprocess
import sys

import pytest

from soundscapes.engine.starter import STARTER_PICTURES, load


def test_there_are_at_least_twelve_with_names_of_their_own():
    assert len(STARTER_PICTURES) >= 12
    assert len({picture.slug for picture in STARTER_PICTURES}) == len(STARTER_PICTURES)
    assert len({picture.title for picture in STARTER_PICTURES}) == len(STARTER_PICTURES)


@pytest.mark.parametrize("picture", STARTER_PICTURES, ids=lambda picture: picture.slug)
def test_each_is_a_photo_with_credit_and_licence(picture):
    image = load(picture)
    assert image.mode == "RGB"
    assert min(image.size) >= 200
    assert max(high - low for low, high in image.getextrema()) > 30
    assert picture.author
    assert picture.licence
    assert picture.source.startswith(("skimage.data.", "sklearn.datasets."))


def test_they_load_without_a_downloader_and_write_nothing(tmp_path):
    program = (
        "import sys; sys.modules['pooch'] = None\n"
        "from soundscapes.engine.starter import STARTER_PICTURES, load\n"
        "print(sum(load(picture).width > 0 for picture in STARTER_PICTURES))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == len(STARTER_PICTURES)
    assert list(tmp_path.rglob("*")) == []
