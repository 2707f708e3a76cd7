"""CLIP's image tower: 16 bits if the processor supports them and the vectors stay the same."""

import pytest

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip import clip_model, image_tower
from soundscapes.engine.matching.clip.devices import CPU
from soundscapes.engine.matching.clip.published import QUICK, Recipe
from tests.components import require
from tests.engine.clip_inputs import pixels

torch = pytest.importorskip("torch")


def one_pass(path):
    from soundscapes.engine.matching.clip.one_pass import OnePass

    recipe = Recipe(QUICK)
    model = clip_model.load_model(path, recipe.activation)
    return OnePass(model.visual, recipe.mean, recipe.std).eval()


def lossy(path):
    """Return a tower whose vectors differ where 16 bits do not."""
    network = one_pass(path)
    visual = network.tower.visual
    with torch.no_grad():
        visual.ln_post.bias.mul_(0).add_(1e4)
        visual.proj.sub_(visual.proj.mean(dim=0))
    return network


def test_the_fast_tower_keeps_the_vectors(openai_file):
    network = one_pass(openai_file)
    want, have = (
        image_tower._run(each, pixels(8)) for each in (network, image_tower.fastest(network))
    )
    assert openvino_network.keeps_vectors(want, have)


def test_a_tower_that_loses_too_much_in_16_bits_stays_in_32(openai_file):
    network = lossy(openai_file)
    assert image_tower.fastest(network) is network


def test_replaced_norms_stay_on_their_device(openai_file):
    """Uses torch's meta device in place of a GPU: a tensor left on the CPU shows at once."""
    replaced = image_tower._plain_norms(one_pass(openai_file).to("meta"))
    assert {weight.device.type for weight in replaced.parameters()} == {"meta"}
    squares = torch.empty(1, 64, 64, 3, device="meta", dtype=torch.uint8)
    assert replaced(squares).device.type == "meta"


def test_a_converted_tower_that_loses_too_much_in_16_bits_stays_in_32(openai_file, tmp_path):
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    tower = image_tower.photo_tower(tmp_path, "lossy", lambda: lossy(openai_file), CPU)
    assert tower.precision == "f32"


def test_16_bits_are_used_only_on_processors_that_compute_in_them(monkeypatch):
    cpu = torch.device("cpu")
    for capabilities, kind in (
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": False}, None),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda known=capabilities: known)
        assert image_tower.half_precision(cpu) is kind


def test_a_gpu_uses_bfloat16_if_supported_otherwise_float16(monkeypatch):
    cuda = torch.device("cuda")
    for can, kind in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda can=can: can)
        assert image_tower.half_precision(cuda) is kind


def test_apple_s_gpu_uses_float16():
    assert image_tower.half_precision(torch.device("mps")) is torch.float16
