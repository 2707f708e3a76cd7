"""CLIP from a file: the same vectors as transformers' CLIP, and nothing run that is not trusted."""

import io
import pickle
import subprocess
import sys

import numpy as np
import pytest
from PIL import ExifTags, Image
from safetensors.torch import save_file

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip import clip_encoder, clip_model, image_tower, state_dict
from soundscapes.engine.matching.encoder import unit, views
from soundscapes.engine.photos.reading import read_photo
from tests.clip_files import tiny_clip
from tests.components import require

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

TEXTS = ["a photo of a dog", "waves breaking on a beach", "Ünïcödé, and “quotes”!"]


@pytest.fixture(scope="module")
def peer():
    """A tiny CLIP of transformers with random weights."""
    return tiny_clip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def transformers_file(peer, folder):
    path = folder / "transformers.safetensors"
    save_file({name: w.contiguous() for name, w in peer.state_dict().items()}, path)
    return path


@pytest.fixture(scope="module")
def openai_file(peer, folder):
    path = folder / "openai.safetensors"
    save_file(state_dict.to_openai(peer.state_dict()), path)
    return path


def features(output):
    return getattr(output, "pooler_output", output)


def picture(size=(90, 70)):
    values = np.random.default_rng(3).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def test_image_vectors_are_those_of_transformers(peer, transformers_file):
    model = clip_model.load_model(transformers_file)
    pixels = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        want = features(peer.get_image_features(pixel_values=pixels))
        have = model.encode_image(pixels)
    assert float((want - have).abs().max()) < 1e-5 * max(1.0, float(want.abs().max()))


def test_text_vectors_are_those_of_transformers(peer, transformers_file):
    model = clip_model.load_model(transformers_file)
    tokens = clip_model.tokenize([*TEXTS, "word " * 200])
    with torch.inference_mode():
        want = features(peer.get_text_features(input_ids=tokens))
        have = model.encode_text(tokens)
    assert float((want - have).abs().max()) < 1e-5 * max(1.0, float(want.abs().max()))


def test_both_layouts_of_names_give_the_same_model(transformers_file, openai_file):
    one, other = (clip_model.load_model(path) for path in (transformers_file, openai_file))
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, other.state_dict()[name]), name


def test_weights_do_not_pass_through_float16(peer, transformers_file):
    model = clip_model.load_model(transformers_file)
    want = peer.state_dict()["text_model.embeddings.token_embedding.weight"]
    assert torch.equal(model.token_embedding.weight, want)


def test_a_residual_network_is_rebuilt_from_its_weights():
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    shape = (1, 1, 1, 1)
    original = CLIP(32, 64, shape, 16, 0, 77, 600, 64, 1, 1).eval()
    rebuilt = clip_model.build_model(original.state_dict())
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(original.encode_image(pixels), rebuilt.encode_image(pixels))


def test_a_residual_network_encodes_photos_and_texts_as_its_float32_model_does(tmp_path):
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    path = tmp_path / "rn50.safetensors"
    original = CLIP(32, 64, (1, 1, 1, 1), 16, 0, 77, 49408, 64, 1, 1).eval()
    save_file(original.state_dict(), path)
    encoder = clip_encoder.ClipEncoder("RN50", path, tmp_path)
    (encoding,) = encoder.encode_photos([picture()])
    with torch.inference_mode():
        pixels = [clip_encoder.preprocess(view, 64) for view in views(picture())]
        want = original.encode_image(torch.from_numpy(np.stack(pixels))).numpy()
        texts = original.encode_text(clip_model.tokenize(TEXTS)).numpy()
    want /= np.linalg.norm(want, axis=1, keepdims=True)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    assert encoder.slug == "clip-rn50"
    assert float((encoding.vectors[1:] * want[1:]).sum(axis=1).min()) >= image_tower.LEAST_COSINE
    assert np.abs(encoder.encode_texts(TEXTS) - texts).max() < 1e-5


def test_long_texts_are_cut_and_keep_their_end_mark():
    tokens = clip_model.tokenize(["rain " * 100, "rain", ""])
    assert tokens.shape == (3, 77)
    assert tokens[0, 0] == 49406
    assert tokens[0, -1] == 49407
    assert tokens[1, :4].tolist() == [49406, 2443, 49407, 0]
    assert tokens[2, :3].tolist() == [49406, 49407, 0]


@pytest.mark.parametrize("size", [(224, 224), (500, 333), (333, 500), (100, 90), (1200, 230)])
def test_preprocessing_is_that_of_transformers_pillow_processor(size):
    processor = transformers.CLIPImageProcessorPil()
    want = np.asarray(processor(picture(size), return_tensors="np")["pixel_values"])[0]
    have = clip_encoder.preprocess(picture(size), 224)
    assert have.shape == want.shape == (3, 224, 224)
    assert np.abs(have - want).max() < 1e-4


def saved(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def sideways():
    """A JPEG that its EXIF turns by a quarter, and what one should see."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = saved(picture(), "JPEG", exif=exif)
    return data, Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_270)


def see_through():
    """A PNG with every degree of transparency, and what one should see on white."""
    alpha = Image.linear_gradient("L").resize(picture().size)
    layered = picture()
    layered.putalpha(alpha)
    white = Image.new("RGBA", layered.size, "white")
    return saved(layered), Image.alpha_composite(white, layered).convert("RGB")


def deep():
    """A PNG of sixteen bits, and what one should see in eight."""
    grey = np.asarray(picture().convert("L"))
    data = saved(Image.fromarray(grey.astype(np.uint16) * 257))
    return data, Image.fromarray(grey).convert("RGB")


def plain(mode, kind="PNG"):
    image = picture().convert(mode)
    return saved(image, kind), image.convert("RGB")


MODES = {
    "RGB": lambda: plain("RGB"),
    "grey": lambda: plain("L"),
    "palette": lambda: plain("P"),
    "RGBA": see_through,
    "16-bit": deep,
    "CMYK": lambda: plain("CMYK", "TIFF"),
    "EXIF-rotated": sideways,
}


@pytest.mark.parametrize("mode", MODES)
def test_a_photo_of_any_mode_is_prepared_as_transformers_prepares_what_one_sees(mode):
    data, seen = MODES[mode]()
    processor = transformers.CLIPImageProcessorPil()
    want = np.asarray(processor(seen, return_tensors="np")["pixel_values"])[0]
    have = clip_encoder.preprocess(read_photo(data).image, 224)
    step = 1 / 255 / min(clip_encoder.STD)  # of one eight-bit level
    assert np.abs(have - want).max() < 1.01 * step
    assert np.abs(have - want).mean() < 0.02 * step


def test_tokens_are_those_of_transformers_with_long_texts_cut():
    """But for curly quotes, which OpenAI's tokeniser straightens first."""
    known = clip_model._tokenizer()
    merges = sorted(known.bpe_ranks, key=known.bpe_ranks.get)
    peer = transformers.CLIPTokenizer(vocab=dict(known.encoder), merges=merges)
    texts = [*TEXTS[:2], "Ünïcödé, it's 12345  times", "日本語 🙂", "", "rain on the roof " * 40]
    padded = peer(texts, max_length=77, truncation=True, padding="max_length", return_tensors="np")
    lengths = padded["attention_mask"].sum(axis=1)
    tokens = clip_model.tokenize(texts).numpy()
    assert tokens.shape == (len(texts), 77)
    assert lengths.max() == 77
    for have, want, length in zip(tokens, padded["input_ids"], lengths, strict=True):
        assert have[:length].tolist() == want[:length].tolist()
        assert not have[length:].any()


def test_photos_and_texts_become_unit_vectors_of_one_space(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    first, second = encoder.encode_photos([picture(), picture((50, 200))])
    texts = encoder.encode_texts(TEXTS)
    assert (encoder.slug, encoder.name) == ("clip-vit-b-32", "CLIP ViT-B/32")
    assert first.vectors.shape == second.vectors.shape == (4, encoder.dimension) == (4, 48)
    assert texts.shape == (3, 48)
    assert first.vectors.dtype == texts.dtype == np.float32
    for rows in (first.vectors, second.vectors, texts):
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert encoder.encode_photos([]) == []
    assert encoder.encode_texts([]).shape == (0, 48)


def test_a_photo_s_vectors_do_not_depend_on_its_batch(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (alone,) = encoder.encode_photos([picture()])
    among = encoder.encode_photos([picture((80, 80)), picture(), picture((200, 64))] * 3)[1]
    assert float((alone.vectors * among.vectors).sum(axis=1).min()) > 0.9995


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


def test_replaced_norms_stay_on_the_device_of_what_they_replace(openai_file):
    """On torch's meta device, which stands for a GPU: a tensor left on the CPU shows at once."""
    tower = clip_model.load_model(openai_file).visual.to("meta")
    replaced = image_tower._plain_norms(tower)
    assert {weight.device.type for weight in replaced.parameters()} == {"meta"}
    assert replaced(torch.empty(1, 3, 64, 64, device="meta")).device.type == "meta"


@pytest.fixture
def float32_rows(openai_file):
    """What the float32 model says of the views of `picture`, as unit rows."""
    with torch.inference_mode():
        pixels = np.stack([clip_encoder.preprocess(view, 64) for view in views(picture())])
        model = clip_model.load_model(openai_file)
        return unit(model.encode_image(torch.from_numpy(pixels)).numpy())


def least_cosine(encoding, rows):
    return float((encoding.vectors[1:] * rows[1:]).sum(axis=1).min())


@pytest.mark.parametrize("installed", [True, False])
def test_photos_have_the_float32_model_s_vectors_with_openvino_and_without(
    openai_file, float32_rows, tmp_path, monkeypatch, installed
):
    if not installed:
        monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([picture()])
    assert least_cosine(encoding, float32_rows) >= openvino_network.LEAST_COSINE
    assert encoder.dimension == 48


def test_photos_are_encoded_all_the_same_where_the_fast_tower_cannot_be_kept(
    openai_file, float32_rows, tmp_path
):
    (tmp_path / "networks").write_text("in the way")
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([picture()])
    assert least_cosine(encoding, float32_rows) >= openvino_network.LEAST_COSINE


NO_TORCH = """
import sys
from pathlib import Path
from PIL import Image
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
encoder = ClipEncoder("ViT-B/32", Path(sys.argv[1]), Path(sys.argv[2]))
encoder.encode_photos([Image.new("RGB", (90, 70))])
print(encoder.dimension, "torch" in sys.modules)
"""


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, which torch runs")
def test_once_converted_photos_are_encoded_without_torch(openai_file, tmp_path):
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    said = [
        subprocess.run(
            [sys.executable, "-c", NO_TORCH, str(openai_file), str(tmp_path)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert said == [["48", "True"], ["48", "False"]]


def test_other_weights_of_the_same_model_are_another_network(openai_file, peer, tmp_path):
    other = tmp_path / "other.safetensors"
    save_file(
        {name: weight * 1.1 for name, weight in state_dict.to_openai(peer.state_dict()).items()},
        other,
    )
    have = [
        clip_encoder.ClipEncoder("ViT-B/32", path, tmp_path).encode_photos([picture()])[0].vectors
        for path in (openai_file, other)
    ]
    assert float((have[0] * have[1]).sum(axis=1).max()) < 0.9999


def test_a_converted_tower_that_loses_too_much_in_16_bits_stays_in_32(openai_file, tmp_path):
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    model = clip_model.load_model(openai_file)
    with torch.no_grad():
        model.visual.ln_post.bias.mul_(0).add_(1e4)
        model.visual.proj.sub_(model.visual.proj.mean(dim=0))
    tower = image_tower.photo_tower(tmp_path, "lossy", lambda: model, has_gpu=False)
    assert tower.precision == "f32"


def test_the_cpu_is_used_where_there_is_no_gpu(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    assert encoder.arithmetic.endswith(" on cuda" if torch.cuda.is_available() else " on cpu")


def test_sixteen_bits_are_used_on_a_processor_that_computes_in_them_and_no_other(monkeypatch):
    cpu = torch.device("cpu")
    for capabilities, kind in (
        ({"avx512_bf16": True}, torch.bfloat16),
        ({"amx_bf16": True}, torch.bfloat16),
        ({"avx2": True, "avx512_bf16": False}, None),
    ):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda known=capabilities: known)
        assert image_tower.half_precision(cpu) is kind


def test_a_gpu_computes_in_bfloat16_where_it_can_and_in_float16_elsewhere(monkeypatch):
    cuda = torch.device("cuda")
    for can, kind in ((True, torch.bfloat16), (False, torch.float16)):
        monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda can=can: can)
        assert image_tower.half_precision(cuda) is kind


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine")
def test_a_gpu_gives_the_cpu_s_vectors(openai_file, monkeypatch):
    on_gpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (gpu,), gpu_texts = on_gpu.encode_photos([picture()]), on_gpu.encode_texts(TEXTS)
    assert on_gpu.arithmetic.endswith("16 on cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    on_cpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (cpu,), cpu_texts = on_cpu.encode_photos([picture()]), on_cpu.encode_texts(TEXTS)
    assert float((gpu.vectors * cpu.vectors).sum(axis=1).min()) >= image_tower.LEAST_COSINE
    assert np.abs(gpu_texts - cpu_texts).max() < 1e-3


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".pth", ""])
def test_a_pickle_is_never_opened(tmp_path, suffix):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    path = tmp_path / f"weights{suffix}"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(EncoderUnavailableError, match="can run code"):
        clip_model.load_model(path)
    assert not (tmp_path / "sprung").exists()


def test_a_damaged_file_of_weights_says_so(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"\x10\0\0\0\0\0\0\0not json at all!")
    with pytest.raises(EncoderUnavailableError, match="fetch_weights"):
        clip_model.load_model(path)


def test_weights_of_another_model_are_refused(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"layer.weight": torch.zeros(2, 2)}, path)
    with pytest.raises(EncoderUnavailableError):
        clip_model.load_model(path)
