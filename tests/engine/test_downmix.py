"""Two channels of more, by ITU-R BS.775."""

import numpy as np
import pytest

from soundscapes.engine.recordings.downmix import fold_down

HALF = 2**-0.5


def heard(channels, place, order="WAV"):
    frames = np.zeros((3, channels), np.float32)
    frames[:, place] = 1
    return tuple(fold_down(frames, order)[0])


@pytest.mark.parametrize(
    ("place", "pair"),
    [(0, (1, 0)), (1, (0, 1)), (2, (HALF, HALF)), (3, (0, 0)), (4, (HALF, 0)), (5, (0, HALF))],
)
def test_surround_of_six_channels_is_folded_down_by_bs_775(place, pair):
    assert heard(6, place) == pytest.approx(pair)


def test_vorbis_has_its_centre_in_the_second_place():
    assert heard(6, 1, "Vorbis") == pytest.approx((HALF, HALF))
    assert heard(6, 5, "Vorbis") == (0, 0)


@pytest.mark.parametrize("order", ["WAV", "Vorbis"])
@pytest.mark.parametrize("channels", [3, 4, 5, 6, 7, 8, 9, 16])
def test_left_and_right_are_heard_alike(channels, order):
    frames = np.eye(channels, dtype=np.float32)
    left, right = (fold_down(frames, order) ** 2).sum(axis=0)
    assert left == pytest.approx(right, rel=0.3)


@pytest.mark.parametrize("channels", [1, 2])
def test_one_and_two_channels_stay_as_they_are(channels):
    frames = np.ones((3, channels), np.float32)
    assert fold_down(frames) is frames
