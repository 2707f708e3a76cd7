"""Pages of every list."""

from urllib.parse import urlsplit

import pytest

from tests.api.lists import LISTS, MAKE

pytestmark = pytest.mark.django_db


@LISTS
def test_a_list_has_pages_with_absolute_urls(api, owner, name):
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
def test_an_invalid_page_is_rejected(api, name, query, status):
    assert api.get(f"/api/v1/{name}/", query).status_code == status
