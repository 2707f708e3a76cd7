"""External components that some tests need."""

from __future__ import annotations

import os

import pytest


def require(available: object, reason: str) -> None:
    """Skip the test if a component is missing; fail it under CI."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
