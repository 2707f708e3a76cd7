"""Tokens in the Authorization header: schemes, expiry, last use and errors."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.api.authentication import CHALLENGE
from soundscapes.models import ApiToken

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer", "TOKEN"])
def test_both_schemes_are_accepted(owner, scheme):
    _token, secret = users.create_token(owner, "phone")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {secret}")
    assert client.get(reverse("api_me")).json()["username"] == "owner"


def test_a_token_is_looked_up_in_one_query(owner, program, queries_of):
    counts = []
    for _number in range(3):
        client = program(owner)
        counts.append(queries_of(lambda: client.get(reverse("api_me"))))  # noqa: B023
    assert len(set(counts)) == 1


def test_a_token_expires(owner, program):
    client = program(owner, lifetime=timedelta(seconds=-1))
    answer = client.get(reverse("api_me"))
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


def test_the_last_use_of_a_token_is_recorded_to_the_minute(owner, program, queries_of):
    client = program(owner)
    assert ApiToken.objects.get().last_used_at is None
    first = client.get("/api/v1/tokens/").json()["results"][0]["last_used_at"]
    used = ApiToken.objects.get().last_used_at
    assert timezone.now() - used < timedelta(minutes=1)
    assert first is not None
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().last_used_at == used  # not written for every request
    ApiToken.objects.update(last_used_at=used - timedelta(hours=1))
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().last_used_at > used


ENDPOINTS = (("get", "/random_image"), ("post", "/upload_image"), ("get", "/generate_audio"))


@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_an_unauthenticated_request_gets_a_challenge(method, path):
    answer = getattr(APIClient(), method)(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == CHALLENGE
    assert answer.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    "header",
    ["Token", "Token ", "Token a b", "Token nul\0nul", "Token é", "Token " + "a" * 64, "Basic x"],
    ids=["none", "blank", "two", "NUL", "not ASCII", "unknown", "another scheme"],
)
@pytest.mark.parametrize(("method", "path"), ENDPOINTS)
def test_an_invalid_token_is_401(method, path, header):
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = getattr(client, method)(path)
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == CHALLENGE


@pytest.mark.usefixtures("small_quotas")
def test_guessing_tokens_is_limited(api):
    guess = {"Authorization": "Bearer " + "0" * 64}
    statuses = [APIClient().get(reverse("api_me"), headers=guess).status_code for _ in range(3)]
    assert statuses == [401, 401, 429]
    assert api.get(reverse("api_me")).status_code == 200
