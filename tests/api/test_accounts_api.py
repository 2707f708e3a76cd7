"""The account, and API tokens: created, listed and revoked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from soundscapes.accounts import users
from soundscapes.models import ApiToken
from tests import sample_files

pytestmark = pytest.mark.django_db


def test_a_token_is_created_listed_and_revoked(api, owner, stranger):
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


def test_a_token_cannot_create_one_that_outlives_it(owner, program):
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
def test_invalid_tokens_are_reported_with_a_pointer(api, body, pointer):
    answer = api.post("/api/v1/tokens/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_others_tokens_are_404(api, stranger):
    token, _secret = users.create_token(stranger, "theirs")
    url = reverse("api_token", args=[token.public_id])
    assert api.get(url).status_code == 404
    assert api.delete(url).status_code == 404
    assert ApiToken.objects.filter(pk=token.pk).exists()


def test_me_describes_account_token_and_limits(api, owner, settings):
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
