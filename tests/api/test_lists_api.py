"""Every list: whose it is, its pages, filters and order, and a constant number of queries."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.models import Category, Clip, Generation, Image, State
from tests import factories

pytestmark = pytest.mark.django_db


def make_image(owner):
    image = factories.ImageFactory(owner=owner, state=State.READY)
    factories.SimilarityFactory(image=image)


def make_generation(owner):
    factories.LayerFactory(generation=factories.GenerationFactory(owner=owner, ready=True))


MAKE = {
    "images": make_image,
    "image-sets": lambda _owner: factories.ImageFactory(of_set=True),
    "categories": lambda _owner: factories.ClipFactory(),
    "clips": lambda _owner: factories.ClipFactory(),
    "generations": make_generation,
    "jobs": make_generation,
    "tokens": lambda owner: users.create_token(owner, "one more"),
}
LISTS = pytest.mark.parametrize("name", MAKE)
OWNED = pytest.mark.parametrize("name", ["images", "generations", "jobs"])


def results(api, name, **query):
    answer = api.get(f"/api/v1/{name}/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


@LISTS
def test_a_list_needs_signing_in(name):
    assert APIClient().get(f"/api/v1/{name}/").status_code == 401


@LISTS
def test_a_list_has_pages_with_absolute_addresses(api, owner, name):
    for _number in range(3):
        MAKE[name](owner)
    whole = api.get(f"/api/v1/{name}/").json()
    assert set(whole) == {"count", "next", "previous", "results"}
    assert whole["count"] == len(whole["results"]) >= 3
    first = api.get(f"/api/v1/{name}/", {"page_size": 2}).json()
    assert (len(first["results"]), first["previous"]) == (2, None)
    assert urlsplit(first["next"]).netloc == "testserver"
    second = api.get(first["next"]).json()
    assert second["results"] == whole["results"][2:4]
    assert api.get(second["previous"]).json()["results"] == whole["results"][:2]


@LISTS
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"page": "0"}, 400),
        ({"page": "x"}, 400),
        ({"page": "1" * 5000}, 400),
        ({"page": "99"}, 404),
        ({"page_size": "101"}, 400),
        ({"page_size": "0"}, 400),
        ({"page_size": str(2**63)}, 400),
    ],
)
def test_a_page_that_cannot_be_is_refused(api, name, query, status):
    assert api.get(f"/api/v1/{name}/", query).status_code == status


@LISTS
def test_the_number_of_queries_does_not_grow_with_the_rows(api, owner, name, queries_of):
    MAKE[name](owner)
    api.get(f"/api/v1/{name}/")  # the first use of a token is noted
    counts = []
    for _number in range(3):
        MAKE[name](owner)
        counts.append(queries_of(lambda: api.get(f"/api/v1/{name}/")))
    assert len(set(counts)) == 1
    assert counts[0] <= 7


@OWNED
def test_what_is_somebody_else_s_is_not_listed(api, stranger, name):
    MAKE[name](stranger)
    assert results(api, name) == []


@LISTS
def test_a_wrong_method_is_405(api, name):
    assert api.put(f"/api/v1/{name}/").status_code == 405


@pytest.mark.parametrize("name", ["images", "image-sets", "categories", "clips", "generations"])
@pytest.mark.parametrize("query", [{"ordering": "password"}, {"q": "nul\0"}, {"q": "x" * 201}])
def test_a_filter_that_cannot_be_is_400(api, name, query):
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


def test_an_inactive_set_is_for_administrators(api, program, administrator):
    hidden = factories.ImageSetFactory(is_active=False)
    assert results(api, "image-sets") == []
    (row,) = results(program(administrator), "image-sets")
    assert row["id"] == str(hidden.public_id)
    assert api.get(row["url"]).status_code == 404


def test_jobs_are_of_both_kinds_and_filtered(api, owner):
    matching = factories.ImageFactory(owner=owner, state=State.MATCHING, queued_at=timezone.now())
    queued = factories.GenerationFactory(owner=owner, image=matching)
    failed = factories.GenerationFactory(
        owner=owner, image=matching, state=State.FAILED, error="No.", queued_at=timezone.now()
    )
    factories.ImageFactory(owner=owner, state=State.NEW)

    def ids(**query):
        return [row["id"] for row in results(api, "jobs", **query)]

    assert ids() == [str(row.pk) for row in (failed, queued, matching)]
    assert ids(ordering="queued_at") == ids()[::-1]
    assert ids(kind="matching") == ids(status="running") == [str(matching.pk)]
    assert ids(status="queued") == [str(queued.pk)]
    (job,) = results(api, "jobs", status="failed", kind="generation")
    assert (job["id"], job["error"], job["result_url"]) == (str(failed.pk), "No.", None)
    assert api.get("/api/v1/jobs/", {"status": "x"}).status_code == 400
    assert ids(kind="matching", status="failed") == []


@LISTS
def test_every_address_in_a_list_leads_to_its_row(api, owner, name):
    MAKE[name](owner)
    row = results(api, name)[0]
    answer = api.get(row.get("status_url") or row["url"])
    assert answer.status_code == 200
    assert answer.json() == row


def test_times_are_iso_8601_in_utc(api, owner):
    make_generation(owner)
    row = results(api, "generations")[0]
    assert row["created_at"].endswith("Z")
    assert "T" in row["created_at"]
    assert Generation.objects.get().created_at.tzinfo is not None
    assert Image.objects.count() == 1
