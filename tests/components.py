"""Components that tests need beside Python packages, and skipping without them."""

from __future__ import annotations

import os

import pytest


def require(available: object, reason: str) -> None:
    """Skip where a component is absent; under CI its absence is a failure."""
    if available:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
