"""Confidence of matches."""

import pytest

from soundscapes.engine.matching.confidence import UNSURE, confidence


def test_a_clear_match_is_sure_and_a_match_of_nothing_is_not():
    assert confidence(3.0, 0.8) > 0.8
    assert confidence(-3.0, 0.05) < UNSURE


@pytest.mark.parametrize(("score", "support"), [(-50.0, 0.0), (0.0, 0.0), (50.0, 1.0)])
def test_confidence_is_a_probability(score, support):
    assert 0 <= confidence(score, support) <= 1


def test_confidence_grows_with_score_and_with_support():
    assert confidence(1.0, 0.3) > confidence(0.0, 0.3) > confidence(0.0, 0.2)
