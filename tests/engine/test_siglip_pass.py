"""SigLIP's image tower in one pass, beside transformers' own."""

import pytest
import torch
import transformers

from soundscapes.engine.matching.siglip.siglip_pass import SiglipPass
from tests.siglip_files import save_tiny_siglip


@pytest.fixture(scope="module")
def vision(tmp_path_factory):
    folder = save_tiny_siglip(tmp_path_factory.mktemp("siglip"))
    return transformers.SiglipModel.from_pretrained(folder).eval().vision_model


def test_the_whole_is_siglip_s_and_a_place_is_its_patch_pooled_alone(vision):
    network = SiglipPass(vision).eval()
    pixels = torch.randint(0, 256, (2, 64, 64, 3), dtype=torch.uint8)
    with torch.no_grad():
        rows = network(pixels)
        wanted = vision(pixels.permute(0, 3, 1, 2) / 127.5 - 1)
        third = vision.head(wanted.last_hidden_state[:, 2:3])
    assert (network.side, network.dimension, rows.shape) == (64, 48, (2, 17, 48))
    torch.testing.assert_close(rows[:, 0], wanted.pooler_output)
    torch.testing.assert_close(rows[:, 3], third)
