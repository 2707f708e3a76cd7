"""Fixtures of tests that ask for every URL."""

import logging
from collections.abc import Iterator

import pytest

from tests.web.urlconf import World, make_world


@pytest.fixture
def world(sounds, owner, administrator, settings, no_waiting) -> World:
    settings.QUOTAS = dict.fromkeys(settings.QUOTAS, (10**9, 3600))
    return make_world(owner, administrator)


@pytest.fixture
def quiet() -> Iterator[None]:
    """Disable logging: the tracebacks of a thousand errors take a sixth of the time."""
    logging.disable(logging.WARNING)
    yield
    logging.disable(logging.NOTSET)
