"""Errors of the admin's forms."""

import pytest

from soundscapes.models import BatchJob
from tests import sample_files
from tests.admin.forms import errors, page, send_clips, send_images

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("has_set", "uploads", "words"),
    [(False, [sample_files.photo()], "Choose an image set"), (True, [], "Choose files")],
)
def test_missing_fields_are_reported(browser, image_set, has_set, uploads, words):
    chosen = [sample_files.upload(data) for data in uploads]
    answer = send_images(browser, image_set if has_set else None, *chosen)
    assert words in errors(answer)
    assert not BatchJob.objects.exists()


def test_recordings_require_author_source_and_licence(browser, dog):
    upload = sample_files.upload(sample_files.sound(sample_files.noise(0.5)), "a.wav")
    said = errors(send_clips(browser, dog, upload, author="", source="", licence=""))
    for words in ("the author", "where it comes from", "the licence"):
        assert words in said


@pytest.mark.parametrize(
    ("fields", "words"),
    [({}, "Either choose"), ({"path": "relative/path"}, "absolute path")],
)
def test_esc50_requires_a_zip_or_an_absolute_path(browser, fields, words):
    assert words in errors(browser.post(page("esc50_import"), fields))
