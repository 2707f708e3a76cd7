"""Fixtures of the administration's tests."""

import pytest
from django.test import Client

import soundscapes.admin  # noqa: F401  # registers the models before tests are collected


@pytest.fixture
def browser(sign_in, administrator) -> Client:
    """A browser in which the administrator is signed in."""
    return sign_in(administrator)
