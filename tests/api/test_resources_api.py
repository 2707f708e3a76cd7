"""Single resources of the API: access, methods and queries."""

from uuid import uuid4

import pytest
from django.urls import reverse

from soundscapes.api.authentication import CHALLENGE
from tests import factories

pytestmark = pytest.mark.django_db


def key(name, generation):
    return generation.pk if name == "api_generation" else generation.image_id


NAMES = pytest.mark.parametrize("name", ["api_image", "api_generation"])


@NAMES
def test_a_resource_is_private_to_its_owner(
    name, generation, api, sign_in, owner, stranger, client
):
    url = reverse(name, args=[key(name, generation)])
    for mine in (api.get(url), sign_in(owner).get(url)):
        assert mine.status_code == 200
        assert mine.json()["id"] == str(key(name, generation))
    assert sign_in(stranger).get(url).status_code == 404
    assert sign_in(owner).get(reverse(name, args=[uuid4()])).status_code == 404
    anonymous = client.get(url)
    assert anonymous.status_code == 401
    assert anonymous["WWW-Authenticate"] == CHALLENGE


@NAMES
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_wrong_method_is_405(name, method, generation, api):
    answer = getattr(api, method)(reverse(name, args=[key(name, generation)]))
    assert answer.status_code == 405


@NAMES
def test_the_number_of_queries_does_not_grow_with_the_rows(name, generation, api, queries_of):
    url = reverse(name, args=[key(name, generation)])
    api.get(url)  # records the first use of the token
    counts = []
    for number in range(1, 4):
        factories.LayerFactory(generation=generation)
        factories.SimilarityFactory(image=generation.image, rank=number)
        counts.append(queries_of(lambda: api.get(url)))
    assert len(set(counts)) == 1
