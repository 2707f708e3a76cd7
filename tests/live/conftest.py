"""One installation, and a running server for all live tests that do not break it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from soundscapes.engine import starter
from tests.live.server import Server, copy_of, installation, running


@pytest.fixture(scope="session")
def template() -> Iterator[dict[str, str]]:
    """An installation that no server ever runs on."""
    with installation() as env:
        yield env


@pytest.fixture
def installed(template) -> Iterator[dict[str, str]]:
    with copy_of(template) as env:
        yield env


@pytest.fixture(scope="session")
def server(template) -> Iterator[Server]:
    """A server that the tests share which do not mind each other."""
    with copy_of(template) as env, running(env) as started:
        yield started


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A real photo, as a camera would have stored it."""
    by_slug = {picture.slug: picture for picture in starter.STARTER_PICTURES}
    buffer = io.BytesIO()
    starter.load(by_slug["coffee"]).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
