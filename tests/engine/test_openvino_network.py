"""Networks on OpenVINO: the results of torch, converted once and cached."""

import numpy as np
import pytest

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.openvino_network import OpenVinoNetwork, kept_network
from tests.components import require

torch = pytest.importorskip("torch")

SIDE, DIMENSION = 16, 5
PIXELS = np.random.default_rng(1).standard_normal((3, 3, SIDE, SIDE), dtype=np.float32)
EXAMPLE = torch.zeros(1, 3, SIDE, SIDE)


@pytest.fixture(autouse=True)
def _openvino() -> None:
    require(openvino_network.is_installed(), "OpenVINO is not installed here")


def network(seed=0):
    """A small network with random weights."""
    torch.manual_seed(seed)
    layers = [
        torch.nn.Conv2d(3, 4, 3, stride=2),
        torch.nn.GELU(),
        torch.nn.Flatten(),
        torch.nn.Linear(4 * 7 * 7, DIMENSION),
    ]
    return torch.nn.Sequential(*layers).eval()


def rows_of(module):
    with torch.inference_mode():
        return module(torch.from_numpy(PIXELS)).numpy()


def forbidden():
    pytest.fail("converted again")


def test_a_converted_network_matches_torch_for_any_number_of_images(tmp_path):
    converted = kept_network(tmp_path, "first", lambda: (network(), EXAMPLE))
    want = rows_of(network())
    assert (converted.side, converted.dimension) == (SIDE, DIMENSION)
    assert converted.precision == openvino_network.SINGLE
    for count in range(1, len(PIXELS) + 1):
        have = converted(PIXELS[:count])
        assert have.dtype == np.float32
        assert np.allclose(have, want[:count], atol=1e-5)


def test_a_network_that_takes_any_shape_gives_torch_s_map_for_each(tmp_path):
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(3, DIMENSION, 3, stride=2, padding=1).eval()
    converted = kept_network(tmp_path, "map", lambda: (layer, EXAMPLE), takes_any_shape=True)
    for height, width in ((SIDE, SIDE), (SIDE, 3 * SIDE), (20, SIDE)):
        pixels = np.random.default_rng(2).standard_normal((1, 3, height, width), dtype=np.float32)
        with torch.inference_mode():
            want = layer(torch.from_numpy(pixels)).numpy()
        assert np.allclose(converted(pixels), want, atol=1e-5)


def test_a_network_is_converted_once(tmp_path):
    first = kept_network(tmp_path, "first", lambda: (network(), EXAMPLE))
    assert np.array_equal(kept_network(tmp_path, "first", forbidden)(PIXELS), first(PIXELS))


def test_another_made_of_text_is_another_network(tmp_path):
    kept_network(tmp_path, "first", lambda: (network(0), EXAMPLE))
    other = kept_network(tmp_path, "second", lambda: (network(1), EXAMPLE))
    assert np.allclose(other(PIXELS), rows_of(network(1)), atol=1e-5)
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("file", ["network.xml", "network.bin", "precision.txt"])
def test_a_network_with_a_missing_file_is_converted_again(tmp_path, file):
    kept_network(tmp_path, "first", lambda: (network(), EXAMPLE))
    (folder,) = tmp_path.iterdir()
    (folder / file).unlink()
    again = kept_network(tmp_path, "first", lambda: (network(), EXAMPLE))
    assert np.allclose(again(PIXELS), rows_of(network()), atol=1e-5)
    assert (folder / file).exists()


def test_only_the_network_is_left_in_the_folder(tmp_path):
    kept_network(tmp_path, "first", lambda: (network(), EXAMPLE))
    (folder,) = tmp_path.iterdir()
    names = {path.name for path in folder.iterdir()}
    assert names == {"network.bin", "network.xml", "precision.txt"}


def test_a_folder_that_cannot_be_created_is_an_os_error(tmp_path):
    (tmp_path / "networks").touch()
    with pytest.raises(OSError, match="networks"):
        kept_network(tmp_path / "networks", "first", lambda: (network(), EXAMPLE))


def test_vectors_keep_their_direction_in_bfloat16(tmp_path):
    network_of = kept_network(tmp_path, "first", lambda: (network(), EXAMPLE), may_halve=True)
    have, want = network_of(PIXELS), rows_of(network())
    lengths = np.linalg.norm(have, axis=1) * np.linalg.norm(want, axis=1)
    assert ((have * want).sum(axis=1) / lengths).min() >= openvino_network.LEAST_COSINE


def test_a_folder_without_a_network_cannot_be_loaded(tmp_path):
    with pytest.raises((RuntimeError, OSError)):
        OpenVinoNetwork(tmp_path)
