"""Personas, factories' storage and the real queue, for every test."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from rest_framework.test import APIClient

from soundscapes.models import User
from tests import factories

SHARED = Path(__file__).resolve().parents[2] / "shared"


def require(available: object, reason: str) -> None:
    """Skip where a component is absent; under CI its absence is a failure."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path_factory) -> None:
    """Every test has its own media folder, and static files need no collecting."""
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture
def owner(db) -> User:
    return factories.UserFactory(username="owner")


@pytest.fixture
def stranger(db) -> User:
    return factories.UserFactory(username="stranger")


@pytest.fixture
def administrator(db) -> User:
    return factories.UserFactory(username="administrator", is_staff=True, is_superuser=True)


@pytest.fixture
def sign_in() -> Callable[[User], Client]:
    """A browser in which a user is signed in."""

    def signed_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture
def api(owner) -> APIClient:
    """A program with a token of the owner."""
    from soundscapes.services import users

    client = APIClient()
    _token, secret = users.create_token(owner, "test")
    client.credentials(HTTP_AUTHORIZATION=f"Token {secret}")
    return client
