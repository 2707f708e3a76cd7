"""Every list: access, URLs, times, and a constant number of queries."""

import pytest
from rest_framework.test import APIClient

from soundscapes.models import Generation, Image
from tests.api.lists import LISTS, MAKE, make_generation, results

pytestmark = pytest.mark.django_db


OWNED = pytest.mark.parametrize("name", ["images", "generations", "jobs"])


@LISTS
def test_a_list_requires_sign_in(name):
    assert APIClient().get(f"/api/v1/{name}/").status_code == 401


@LISTS
def test_the_number_of_queries_does_not_grow_with_the_rows(api, owner, name, queries_of):
    MAKE[name](owner)
    api.get(f"/api/v1/{name}/")  # records the first use of the token
    counts = []
    for _number in range(3):
        MAKE[name](owner)
        counts.append(queries_of(lambda: api.get(f"/api/v1/{name}/")))
    assert len(set(counts)) == 1
    assert counts[0] <= 7


@OWNED
def test_others_rows_are_not_listed(api, stranger, name):
    MAKE[name](stranger)
    assert results(api, name) == []


@LISTS
def test_a_wrong_method_is_405(api, name):
    assert api.put(f"/api/v1/{name}/").status_code == 405


@LISTS
def test_every_url_in_a_list_works(api, owner, name):
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
