"""The starter images come from installed packages."""

import subprocess
import sys

import pytest

from soundscapes.engine.starter import STARTER_IMAGES, load


def test_there_are_at_least_twelve_with_distinct_names():
    assert len(STARTER_IMAGES) >= 12
    assert len({image.slug for image in STARTER_IMAGES}) == len(STARTER_IMAGES)
    assert len({image.title for image in STARTER_IMAGES}) == len(STARTER_IMAGES)


@pytest.mark.parametrize("starter", STARTER_IMAGES, ids=lambda image: image.slug)
def test_each_is_a_photo_with_credit_and_licence(starter):
    image = load(starter)
    assert image.mode == "RGB"
    assert min(image.size) >= 200
    assert max(high - low for low, high in image.getextrema()) > 30
    assert starter.author
    assert starter.licence
    assert starter.source.startswith(("skimage.data.", "sklearn.datasets."))


def test_they_load_without_a_downloader_and_write_nothing(tmp_path):
    program = (
        "import sys; sys.modules['pooch'] = None\n"
        "from soundscapes.engine.starter import STARTER_IMAGES, load\n"
        "print(sum(load(image).width > 0 for image in STARTER_IMAGES))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout) == len(STARTER_IMAGES)
    assert list(tmp_path.rglob("*")) == []
