"""Tests of a category's descriptions before they are saved."""

import pytest

from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Similarity
from tests import factories, sample_files
from tests.imports.jobs import done
from tests.queue import waiting

pytestmark = pytest.mark.django_db


def test_descriptions_are_tested_without_being_saved(owner, sounds):
    dog = sounds[1].category
    # The same two images in every order of the tests: with some, the scores happen to be equal.
    photos = [sample_files.photo(number) for number in (1, 2)]
    images = [factories.ImageFactory(of_set=True, data=photo) for photo in photos]
    kept = list(dog.prompts)
    options = {
        "category": dog.pk,
        "prompts": ["a sunset over the sea"],
        "images": [str(image.pk) for image in images],
    }
    batch_job = done(batch_jobs.create_batch_job(owner, BatchJob.Kind.PROMPTS, dog.label, options))
    dog.refresh_from_db()
    assert dog.prompts == kept
    assert len(batch_job.rows) == 2
    for row in batch_job.rows:
        before, after = row["details"]["before"], row["details"]["after"]
        assert [each["rank"] for each in before] == [1, 2, 3]
        scores = [next(e["score"] for e in each if e["is_tried"]) for each in (before, after)]
        assert scores[0] != scores[1]
    assert not Similarity.objects.exists()
    assert waiting() == []
