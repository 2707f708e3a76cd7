"""Fixtures of the administration's tests."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

import soundscapes.admin  # noqa: F401  # registers the models before tests are collected


@pytest.fixture
def browser(sign_in, administrator) -> Client:
    """A browser in which the administrator is signed in."""
    return sign_in(administrator)


@pytest.fixture
def transactions_in(monkeypatch) -> Callable[[object, str], list[bool]]:
    """Return whether a transaction was open at each call of a function, which still runs."""

    def watched(owner: object, name: str) -> list[bool]:
        call, found = getattr(owner, name), []

        def noted(*arguments, **options):
            found.append(connection.in_atomic_block)
            return call(*arguments, **options)

        monkeypatch.setattr(owner, name, noted)
        return found

    return watched
