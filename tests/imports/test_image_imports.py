"""Import of images, each with a row in the report."""

from threading import Barrier

import pytest

from soundscapes.files.upload_bundles import Item
from soundscapes.imports import image_imports
from soundscapes.models.batch_jobs import Outcome
from soundscapes.sounds.credits_csv import Credit
from tests import factories, sample_files, zips
from tests.imports.jobs import done, of_images, outcomes

pytestmark = pytest.mark.django_db


def test_a_dry_run_reports_outcomes_and_stores_nothing(owner, image_set, stored):
    factories.ImageFactory(owner=None, image_set=image_set, data=sample_files.photo(7))
    before = stored()
    archive = zips.packed(
        {
            "a.jpg": sample_files.photo(1),
            "again.jpg": sample_files.photo(1),
            "known.jpg": sample_files.photo(7),
        }
    )
    uploads = [
        sample_files.upload(archive, "many.zip"),
        sample_files.upload(b"Dear all", "letter.jpg"),
    ]
    batch_job = done(of_images(owner, image_set, uploads))
    assert outcomes(batch_job) == [
        ("a.jpg", Outcome.NEW),
        ("again.jpg", Outcome.KNOWN),
        ("known.jpg", Outcome.KNOWN),
        ("letter.jpg", Outcome.REFUSED),
    ]
    assert "not an image" in batch_job.rows[3]["note"]
    assert image_set.images.count() == 1
    assert {name for name in stored() - before if not name.startswith("chores/")} == set()


def test_no_bytes_of_one_file_end_the_import_of_the_others(owner, image_set):
    hostile = b"II+\0\x08\0\0\0" + b"\xff" * 7 + b"\x80"
    archive = zips.packed({"hostile.tif": hostile, "good.jpg": sample_files.photo(1)})
    uploads = [sample_files.upload(archive, "many.zip"), sample_files.upload(hostile, "b.tif")]
    batch_job = done(of_images(owner, image_set, uploads, is_trial=False))
    assert [row["outcome"] for row in batch_job.rows] == [
        Outcome.REFUSED,
        Outcome.NEW,
        Outcome.REFUSED,
    ]


@pytest.mark.parametrize("name", zips.BAD_MEMBERS)
def test_a_bad_member_is_reported_and_the_rest_is_imported(owner, image_set, name):
    make, words = zips.BAD_MEMBERS[name]
    uploads = [
        sample_files.upload(make(), "bad.zip"),
        sample_files.upload(sample_files.photo(2), "good.jpg"),
    ]
    batch_job = done(of_images(owner, image_set, uploads, is_trial=False))
    assert [row["outcome"] for row in batch_job.rows] == [Outcome.REFUSED, Outcome.NEW]
    assert words in batch_job.rows[0]["note"]
    assert image_set.images.count() == 1


def test_images_are_read_in_parallel_and_taken_in_order(image_set, monkeypatch):
    monkeypatch.setattr(image_imports, "THREADS", 2)
    together = Barrier(2, timeout=60.0)

    def item(number):
        def read():
            together.wait()  # until two are being read
            return sample_files.photo(number)

        return Item(f"{number}.jpg", read)

    items = [item(number) for number in (1, 2, 3, 3)]
    with image_imports.open_import(items, image_set, Credit(), is_trial=False) as image_import:
        rows = [image_import.take(number) for number in range(4)]
    assert [row.name for row in rows] == ["1.jpg", "2.jpg", "3.jpg", "3.jpg"]
    assert [row.outcome for row in rows] == [Outcome.NEW] * 3 + [Outcome.KNOWN]
    assert image_set.images.count() == 3
