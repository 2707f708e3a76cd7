"""Tokens with the scope "read"."""

import pytest
from django.urls import reverse

from soundscapes.models import ApiToken
from tests import factories

pytestmark = pytest.mark.django_db


WRITES = (
    ("get", "/random_image"),
    ("get", "/generate_audio"),
    ("post", "/upload_image"),
    ("post", "/api/v1/images/"),
    ("post", "/api/v1/generations/"),
    ("post", "/api/v1/tokens/"),
)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_read_only_token_cannot_write(owner, program, method, path):
    answer = getattr(program(owner, scope=ApiToken.Scope.READ), method)(path)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/insufficient-scope/")
    assert 'error="insufficient_scope", scope="write"' in answer["WWW-Authenticate"]


def test_a_read_only_token_cannot_change_existing_rows(owner, program):
    client = program(owner, scope=ApiToken.Scope.READ)
    generation = factories.GenerationFactory(owner=owner, ready=True)
    for name, pk in (("api_image", generation.image_id), ("api_generation", generation.pk)):
        url = reverse(name, args=[pk])
        assert client.get(url).status_code == 200
        assert client.delete(url).status_code == 403
