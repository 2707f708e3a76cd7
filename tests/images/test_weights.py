"""Automatic download of CLIP's weights, at most once a day."""

import os
from time import time

import pytest

from soundscapes.engine.matching.clip import weights as sources
from soundscapes.images import weights


@pytest.fixture
def nowhere(settings, tmp_path, monkeypatch):
    """Make all sources unreachable."""
    settings.ENCODER, settings.CLIP_WEIGHTS, settings.ENCODER_CACHE = "auto", "", tmp_path
    for name in ("_HUB", "_OPENAI"):
        monkeypatch.setattr(sources, name, "http://127.0.0.1:9")
    return tmp_path


def test_after_a_failure_nothing_is_downloaded_for_a_day(nowhere):
    assert "Continuing with the offline encoder" in weights.fetch_unless_tried_lately()
    assert "could not be downloaded" in weights.fetch_unless_tried_lately()
    yesterday = time() - weights.PAUSE.total_seconds() - 1
    os.utime(nowhere / "weights-tried", (yesterday, yesterday))
    assert "Continuing with the offline encoder" in weights.fetch_unless_tried_lately()


@pytest.mark.parametrize("fields", [{"ENCODER": "offline"}, {"CLIP_WEIGHTS": "/some/where.pt"}])
def test_unneeded_weights_are_not_downloaded(nowhere, settings, fields):
    for name, value in fields.items():
        setattr(settings, name, value)
    assert weights.fetch_unless_tried_lately() is None
    assert list(nowhere.iterdir()) == []
