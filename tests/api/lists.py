"""The lists of the API, with a factory for the rows of each."""

from __future__ import annotations

import pytest

from soundscapes.accounts import users
from soundscapes.models import State
from tests import factories


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


def results(api, name, **query):
    answer = api.get(f"/api/v1/{name}/", query)
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]
