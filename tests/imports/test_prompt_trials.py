"""Tests of a category's descriptions before they are saved."""

import pytest

from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Similarity
from tests import factories
from tests.imports.jobs import done
from tests.queue import waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def dog():
    return factories.category_named("dog")


def test_descriptions_are_tested_without_being_saved(owner, sounds):
    dog = sounds[1].category
    images = [factories.ImageFactory(of_set=True) for _ in range(2)]
    kept = list(dog.prompts)
    options = {
        "category": dog.pk,
        "prompts": ["abstract colourful noise pattern"],
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
