"""One installation and one running server for all live tests that do not break it."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pytest

from soundscapes.engine import starter
from tests.live.server import Server, installation, running


@pytest.fixture(scope="session")
def installed() -> Iterator[dict[str, str]]:
    with installation() as env:
        yield env


@pytest.fixture(scope="session")
def server(installed) -> Iterator[Server]:
    with running(installed) as started:
        yield started


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A real photo, as a camera would have stored it."""
    by_slug = {picture.slug: picture for picture in starter.STARTER_PICTURES}
    buffer = io.BytesIO()
    starter.load(by_slug["coffee"]).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()
