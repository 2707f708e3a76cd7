"""CLIP as an encoder: the vectors of its float32 model, on any backend."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import ExifTags, Image
from safetensors.torch import save_file

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip import clip_encoder, clip_model, image_tower, state_dict
from soundscapes.engine.matching.encoder import unit, views
from soundscapes.engine.photos.reading import read_photo
from tests.components import require
from tests.engine.clip_inputs import TEXTS, image

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


def test_a_residual_network_encodes_like_its_float32_model(tmp_path):
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    path = tmp_path / "rn50.safetensors"
    original = CLIP(32, 64, (1, 1, 1, 1), 16, 0, 77, 49408, 64, 1, 1).eval()
    save_file(original.state_dict(), path)
    encoder = clip_encoder.ClipEncoder("RN50", path, tmp_path)
    (encoding,) = encoder.encode_photos([image()])
    with torch.inference_mode():
        pixels = [clip_encoder.preprocess(view, 64) for view in views(image())]
        want = original.encode_image(torch.from_numpy(np.stack(pixels))).numpy()
        texts = original.encode_text(clip_model.tokenize(TEXTS)).numpy()
    want /= np.linalg.norm(want, axis=1, keepdims=True)
    texts /= np.linalg.norm(texts, axis=1, keepdims=True)
    assert encoder.slug == "clip-rn50"
    assert float((encoding.vectors[1:] * want[1:]).sum(axis=1).min()) >= image_tower.LEAST_COSINE
    assert np.abs(encoder.encode_texts(TEXTS) - texts).max() < 1e-5


@pytest.mark.parametrize("size", [(224, 224), (500, 333), (333, 500), (100, 90), (1200, 230)])
def test_preprocessing_matches_transformers_pillow_processor(size):
    processor = transformers.CLIPImageProcessorPil()
    want = np.asarray(processor(image(size), return_tensors="np")["pixel_values"])[0]
    have = clip_encoder.preprocess(image(size), 224)
    assert have.shape == want.shape == (3, 224, 224)
    assert np.abs(have - want).max() < 1e-4


def saved(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def sideways():
    """A JPEG rotated a quarter turn by EXIF, and its visible image."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    data = saved(image(), "JPEG", exif=exif)
    return data, Image.open(io.BytesIO(data)).convert("RGB").transpose(Image.Transpose.ROTATE_270)


def see_through():
    """A PNG with every degree of transparency, and its visible image on white."""
    alpha = Image.linear_gradient("L").resize(image().size)
    layered = image()
    layered.putalpha(alpha)
    white = Image.new("RGBA", layered.size, "white")
    return saved(layered), Image.alpha_composite(white, layered).convert("RGB")


def deep():
    """A 16-bit PNG, and its visible image in 8 bits."""
    grey = np.asarray(image().convert("L"))
    data = saved(Image.fromarray(grey.astype(np.uint16) * 257))
    return data, Image.fromarray(grey).convert("RGB")


def plain(mode, kind="PNG"):
    converted = image().convert(mode)
    return saved(converted, kind), converted.convert("RGB")


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
def test_an_image_of_any_mode_is_preprocessed_as_it_is_seen(mode):
    data, seen = MODES[mode]()
    processor = transformers.CLIPImageProcessorPil()
    want = np.asarray(processor(seen, return_tensors="np")["pixel_values"])[0]
    have = clip_encoder.preprocess(read_photo(data).image, 224)
    step = 1 / 255 / min(clip_encoder.STD)  # one 8-bit level
    assert np.abs(have - want).max() < 1.01 * step
    assert np.abs(have - want).mean() < 0.02 * step


def test_photos_and_texts_become_unit_vectors_of_one_space(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    first, second = encoder.encode_photos([image(), image((50, 200))])
    texts = encoder.encode_texts(TEXTS)
    assert (encoder.slug, encoder.name) == ("clip-vit-b-32", "CLIP ViT-B/32")
    assert first.vectors.shape == second.vectors.shape == (4, encoder.dimension) == (4, 48)
    assert texts.shape == (3, 48)
    assert first.vectors.dtype == texts.dtype == np.float32
    for rows in (first.vectors, second.vectors, texts):
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-5)
    assert encoder.encode_photos([]) == []
    assert encoder.encode_texts([]).shape == (0, 48)


def test_a_photo_has_the_same_vectors_in_any_batch(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (alone,) = encoder.encode_photos([image()])
    among = encoder.encode_photos([image((80, 80)), image(), image((200, 64))] * 3)[1]
    assert float((alone.vectors * among.vectors).sum(axis=1).min()) > 0.9995


@pytest.fixture
def float32_rows(openai_file):
    """The float32 model's unit vectors of the views of `image`."""
    with torch.inference_mode():
        pixels = np.stack([clip_encoder.preprocess(view, 64) for view in views(image())])
        model = clip_model.load_model(openai_file)
        return unit(model.encode_image(torch.from_numpy(pixels)).numpy())


def least_cosine(encoding, rows):
    return float((encoding.vectors[1:] * rows[1:]).sum(axis=1).min())


@pytest.mark.parametrize("installed", [True, False])
def test_photos_have_the_float32_vectors_with_and_without_openvino(
    openai_file, float32_rows, tmp_path, monkeypatch, installed
):
    if not installed:
        monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([image()])
    assert least_cosine(encoding, float32_rows) >= openvino_network.LEAST_COSINE
    assert encoder.dimension == 48


def test_photos_are_encoded_even_if_the_fast_tower_cannot_be_stored(
    openai_file, float32_rows, tmp_path
):
    (tmp_path / "networks").write_text("in the way")
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([image()])
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
def test_after_conversion_photos_are_encoded_without_torch(openai_file, tmp_path):
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    outputs = [
        subprocess.run(
            [sys.executable, "-c", NO_TORCH, str(openai_file), str(tmp_path)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout.split()
        for _ in range(2)
    ]
    assert outputs == [["48", "True"], ["48", "False"]]


def test_other_weights_of_the_same_model_are_another_network(openai_file, peer, tmp_path):
    other = tmp_path / "other.safetensors"
    save_file(
        {name: weight * 1.1 for name, weight in state_dict.to_openai(peer.state_dict()).items()},
        other,
    )
    have = [
        clip_encoder.ClipEncoder("ViT-B/32", path, tmp_path).encode_photos([image()])[0].vectors
        for path in (openai_file, other)
    ]
    assert float((have[0] * have[1]).sum(axis=1).max()) < 0.9999


def test_the_cpu_is_used_without_a_gpu(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    assert encoder.arithmetic.endswith(" on cuda" if torch.cuda.is_available() else " on cpu")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine")
def test_a_gpu_gives_the_same_vectors_as_the_cpu(openai_file, monkeypatch):
    on_gpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (gpu,), gpu_texts = on_gpu.encode_photos([image()]), on_gpu.encode_texts(TEXTS)
    assert on_gpu.arithmetic.endswith("16 on cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    on_cpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (cpu,), cpu_texts = on_cpu.encode_photos([image()]), on_cpu.encode_texts(TEXTS)
    assert float((gpu.vectors * cpu.vectors).sum(axis=1).min()) >= image_tower.LEAST_COSINE
    assert np.abs(gpu_texts - cpu_texts).max() < 1e-3
