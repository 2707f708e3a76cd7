"""Metrics of categories and of the service."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import State
from soundscapes.operations import metrics
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(sign_in, administrator):
    return sign_in(administrator)


@pytest.fixture
def image_set():
    return factories.ImageSetFactory(name="=Seaside")


@pytest.fixture
def found(image_set, owner):
    """Three images of a set and one of a user, ranked for the dog and the waves."""
    dog, waves = factories.category_named("dog"), factories.category_named("sea_waves")
    for first, second in ((dog, waves), (dog, waves), (waves, dog)):
        image = factories.ImageFactory(owner=None, image_set=image_set)
        factories.SimilarityFactory(image=image, category=first, rank=1, score=0.5)
        factories.SimilarityFactory(image=image, category=second, rank=2, score=0.2)
    mine = factories.ImageFactory(owner=owner, title="My secret garden")
    factories.SimilarityFactory(image=mine, category=waves, rank=3, score=0.1)
    return dog, waves


def test_each_set_and_users_images_have_separate_figures(found, image_set):
    first, users = metrics.by_set(metrics.encoders()[0][0])
    rows = {row.slug: row for row in first.rows}
    assert (first.key, users.key, users.name) == (image_set.pk, None, metrics.USERS)
    assert (rows["dog"].first, rows["dog"].second, rows["dog"].images) == (2, 1, 3)
    assert rows["dog"].average == pytest.approx(0.4)
    assert [(row.slug, row.third, row.average) for row in users.rows] == [("sea_waves", 1, 0.1)]
    assert metrics.by_set("another encoder")[0].rows == []


def test_times_are_medians_over_finished_soundscapes(browser):
    start = timezone.now()
    for waiting, matching, mixing in ((1, 2, 3), (2, 4, 6), (9, 9, 90)):
        factories.GenerationFactory(
            ready=True,
            queued_at=start,
            started_at=start + timedelta(seconds=waiting),
            mixing_at=start + timedelta(seconds=waiting + matching),
            finished_at=start + timedelta(seconds=waiting + matching + mixing),
        )
    factories.GenerationFactory(state=State.FAILED, queued_at=start, finished_at=start)
    times = {time.stage: (time.seconds, time.count) for time in metrics.stage_times()}
    assert times["Waiting"] == (2.0, 3)
    assert times["Matching and planning"] == (4.0, 3)
    assert times["Mixing"] == (6.0, 3)
    assert times["All"] == (12.0, 3)


def test_days_without_soundscapes_count_too():
    factories.GenerationFactory(ready=True)
    factories.GenerationFactory(state=State.FAILED)
    days = metrics.generations_per_day()
    assert len(days) == metrics.DAYS
    assert (days[0].total, days[0].ready, days[0].failed) == (2, 1, 1)
    assert days[1].total == 0


def test_only_the_latest_images_of_users_count(owner, monkeypatch):
    monkeypatch.setattr(metrics, "LATEST", 2)
    for score in (0.1, 0.3, 0.5):
        image = factories.ImageFactory(owner=owner)
        factories.SimilarityFactory(image=image, rank=1, score=score)
    ((slug, _name),) = metrics.encoders()
    (users,) = metrics.by_set(slug)
    assert sum(row.images for row in users.rows) == 2
    assert min(row.average for row in users.rows) >= 0.3
