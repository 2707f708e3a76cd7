"""Filters and order of lists."""

from datetime import timedelta

import pytest
from django.utils import timezone

from soundscapes.models import Category, Clip, State
from tests import factories
from tests.api.lists import results

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["images", "image-sets", "categories", "clips", "generations"])
@pytest.mark.parametrize("query", [{"ordering": "password"}, {"q": "nul\0"}, {"q": "x" * 201}])
def test_an_invalid_filter_is_400(api, name, query):
    answer = api.get(f"/api/v1/{name}/", query)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == f"#/{next(iter(query))}"


def test_images_are_filtered(api, owner):
    own = factories.ImageFactory(owner=owner, title="The harbour", state=State.READY)
    preloaded = factories.ImageFactory(of_set=True, title="A wood")
    category = factories.category_named("rain")
    factories.SimilarityFactory(image=preloaded, category=category, rank=1)
    factories.SimilarityFactory(image=own, category=category, rank=9)

    def ids(**query):
        return [row["id"] for row in results(api, "images", **query)]

    assert ids(origin="own") == ids(q="HARB") == ids(state="ready") == [str(own.pk)]
    of_set = ids(image_set=preloaded.image_set.public_id)
    assert ids(origin="set") == of_set == ids(q="rain") == [str(preloaded.pk)]
    assert ids(ordering="title") == [str(preloaded.pk), str(own.pk)]
    assert ids(ordering="-created_at") == ids()
    later = (timezone.now() + timedelta(days=1)).isoformat()
    assert ids(created_after=later) == []
    assert len(ids(created_before=later)) == 2
    assert ids(created_before="1553-04-24T04:38:53+18:17") == []
    assert len(ids(created_after="0001-01-01T00:00:00+18:00")) == 2


def test_generations_are_filtered(api, owner):
    calm = factories.GenerationFactory(owner=owner, ready=True, image__title="The sea")
    loud = factories.GenerationFactory(owner=owner, mode="faithful", duration=60)
    factories.LayerFactory(generation=calm, category=factories.category_named("rain"))

    def ids(**query):
        return [row["id"] for row in results(api, "generations", **query)]

    assert ids(mode="faithful") == ids(state="queued") == [str(loud.pk)]
    for query in ({"category": "rain"}, {"q": "Rain"}, {"q": "sea"}, {"image": calm.image_id}):
        assert ids(**query) == [str(calm.pk)]
    assert ids(ordering="duration") == [str(calm.pk), str(loud.pk)]


def test_the_catalogue_is_filtered(api):
    rain = factories.ClipFactory(category=factories.category_named("rain"), title="A shower")
    factories.ClipFactory(category=factories.category_named("dog"), is_enabled=False)
    assert [row["slug"] for row in results(api, "categories", q="rai")] == ["rain"]
    beds = Category.objects.filter(kind="bed").count()
    assert len(results(api, "categories", kind="bed")) == beds
    assert [row["id"] for row in results(api, "clips")] == [str(rain.pk)]
    assert len(results(api, "clips", category="rain", source=Clip.Source.UPLOAD, q="shower")) == 1
    assert results(api, "clips", category="dog") == []
