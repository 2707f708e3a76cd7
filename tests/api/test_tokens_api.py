"""Tokens: named, scoped, ending, several a user, and only a digest of each is kept."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from soundscapes.accounts import users
from soundscapes.models import ApiToken
from tests import factories, sample_files

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("scheme", ["Bearer", "Token", "bearer", "TOKEN"])
def test_both_schemes_are_understood(owner, scheme):
    _token, secret = users.create_token(owner, "phone")
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"{scheme} {secret}")
    assert client.get(reverse("api_me")).json()["username"] == "owner"


def test_a_token_is_looked_up_in_one_query_however_many_there_are(owner, program, queries_of):
    counts = []
    for _number in range(3):
        client = program(owner)
        counts.append(queries_of(lambda: client.get(reverse("api_me"))))  # noqa: B023
    assert len(set(counts)) == 1


def test_a_token_ends(owner, program):
    client = program(owner, lifetime=timedelta(seconds=-1))
    answer = client.get(reverse("api_me"))
    assert answer.status_code == 401
    assert "expired" in answer.json()["detail"]


WRITES = (
    ("get", "/random_image"),
    ("get", "/generate_audio"),
    ("post", "/upload_image"),
    ("post", "/api/v1/images/"),
    ("post", "/api/v1/generations/"),
    ("post", "/api/v1/tokens/"),
)


@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_reading_token_cannot_write(owner, program, method, path):
    answer = getattr(program(owner, scope=ApiToken.Scope.READ), method)(path)
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/insufficient-scope/")
    assert 'error="insufficient_scope", scope="write"' in answer["WWW-Authenticate"]


def test_a_reading_token_cannot_change_what_is_there(owner, program):
    client = program(owner, scope=ApiToken.Scope.READ)
    generation = factories.GenerationFactory(owner=owner, ready=True)
    for name, pk in (("api_image", generation.image_id), ("api_generation", generation.pk)):
        address = reverse(name, args=[pk])
        assert client.get(address).status_code == 200
        assert client.delete(address).status_code == 403


def test_the_last_use_of_a_token_is_known_to_the_minute(owner, program, queries_of):
    client = program(owner)
    assert ApiToken.objects.get().last_used_at is None
    first = client.get("/api/v1/tokens/").json()["results"][0]["last_used_at"]
    used = ApiToken.objects.get().last_used_at
    assert timezone.now() - used < timedelta(minutes=1)
    assert first is not None
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().last_used_at == used  # not written anew for every request
    ApiToken.objects.update(last_used_at=used - timedelta(hours=1))
    client.get("/api/v1/me/")
    assert ApiToken.objects.get().last_used_at > used


def test_a_token_is_made_listed_and_revoked(api, owner, stranger):
    answer = api.post("/api/v1/tokens/", {"name": "backup", "days": 7}, format="json")
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    made = answer.json()
    assert (made["name"], made["scope"]) == ("backup", "read")
    assert made["secret"].startswith(made["begins_with"])
    row = ApiToken.objects.get(public_id=made["id"])
    assert row.expiry - timezone.now() < timedelta(days=7)
    assert made["secret"] not in str(ApiToken.objects.filter(pk=row.pk).values())

    users.create_token(stranger, "theirs")
    listed = api.get("/api/v1/tokens/").json()
    assert listed["count"] == 2
    assert "secret" not in listed["results"][0]
    assert api.get(answer["Location"]).json()["name"] == "backup"
    assert api.delete(answer["Location"]).status_code == 204
    assert api.get(answer["Location"]).status_code == 404


def test_a_token_does_not_outlive_itself_in_another(owner, program):
    client = program(owner, lifetime=timedelta(hours=1))
    made = client.post("/api/v1/tokens/", {"name": "heir"}, format="json").json()
    assert ApiToken.objects.get(public_id=made["id"]).expiry < timezone.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/name"),
        ({"name": "x" * 101}, "#/name"),
        ({"name": "x", "scope": "all"}, "#/scope"),
        ({"name": "x", "days": 9999}, "#/days"),
        ([], "#"),
    ],
)
def test_what_cannot_be_a_token_is_pointed_at(api, body, pointer):
    answer = api.post("/api/v1/tokens/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_somebody_else_s_token_is_404(api, stranger):
    token, _secret = users.create_token(stranger, "theirs")
    address = reverse("api_token", args=[token.public_id])
    assert api.get(address).status_code == 404
    assert api.delete(address).status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_me_says_who_with_what_and_how_much_is_left(api, owner, settings):
    settings.API_WAIT_SECONDS = 0
    data = api.get("/api/v1/me/").json()
    assert data["username"] == "owner"
    assert data["token"]["name"] == "test"
    left = {quota["kind"]: quota["remaining"] for quota in data["quotas"]}
    assert left["read"] == settings.QUOTAS["read"][0] - 1
    api.post(
        "/upload_image", {"image": sample_files.upload(sample_files.photo())}, format="multipart"
    )
    again = {q["kind"]: q["remaining"] for q in api.get("/api/v1/me/").json()["quotas"]}
    assert again["upload"] == left["upload"] - 1
