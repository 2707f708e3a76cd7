"""CLIP's image tower: 16 bits if the processor supports them and the vectors stay the same."""

import pytest

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip import clip_model, image_tower
from tests.components import require

torch = pytest.importorskip("torch")


def test_the_fast_tower_keeps_the_vectors(openai_file):
    model = clip_model.load_model(openai_file)
    fast = image_tower.fastest_tower(model.visual, 64, torch.device("cpu"))
    pixels = torch.randn(8, 3, 64, 64, generator=torch.Generator().manual_seed(5))
    with torch.inference_mode():
        kind = next(fast.parameters()).dtype
        have = fast(pixels.to(kind)).float()
        cosines = torch.nn.functional.cosine_similarity(model.visual(pixels), have)
    assert float(cosines.min()) >= image_tower.LEAST_COSINE


def test_a_tower_that_loses_too_much_in_16_bits_stays_in_32(openai_file):
    tower = clip_model.load_model(openai_file).visual
    with torch.no_grad():
        tower.ln_post.bias.mul_(0).add_(1e4)
        tower.proj.sub_(tower.proj.mean(dim=0))
    assert image_tower.fastest_tower(tower, 64, torch.device("cpu")) is tower


def test_replaced_norms_stay_on_their_device(openai_file):
    """Uses torch's meta device in place of a GPU: a tensor left on the CPU shows at once."""
    tower = clip_model.load_model(openai_file).visual.to("meta")
    replaced = image_tower._plain_norms(tower)
    assert {weight.device.type for weight in replaced.parameters()} == {"meta"}
    assert replaced(torch.empty(1, 3, 64, 64, device="meta")).device.type == "meta"


def test_a_converted_tower_that_loses_too_much_in_16_bits_stays_in_32(openai_file, tmp_path):
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    model = clip_model.load_model(openai_file)
    with torch.no_grad():
        model.visual.ln_post.bias.mul_(0).add_(1e4)
        model.visual.proj.sub_(model.visual.proj.mean(dim=0))
    tower = image_tower.photo_tower(tmp_path, "lossy", lambda: model, has_gpu=False)
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
