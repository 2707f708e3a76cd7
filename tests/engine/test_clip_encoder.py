"""CLIP as an encoder: the vectors of its float32 model, on any backend."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import ExifTags, Image
from safetensors.torch import save_file

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip import clip_encoder, clip_model, devices, state_dict
from soundscapes.engine.matching.clip.published import QUICK, Recipe
from soundscapes.engine.matching.clip.squares import squares_of
from soundscapes.engine.matching.openvino_network import LEAST_COSINE
from soundscapes.engine.matching.vectors import unit
from soundscapes.engine.photos.reading import read_photo
from tests.components import require
from tests.engine.clip_inputs import TEXTS, image

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

RECIPE = Recipe(QUICK)


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
        want = unit(original.encode_image(squares_of_photo(image())).numpy())[0]
        texts = original.encode_text(clip_model.tokenize(TEXTS)).numpy()
    assert encoder.slug == "clip-look-1-rn50"
    assert float(encoding.vectors[0] @ want) >= LEAST_COSINE
    assert np.abs(encoder.text_features(TEXTS) - texts).max() < 1e-4


def squares_of_photo(photo, side=64):
    """Return the pixels of a photo's squares, normalised."""
    from soundscapes.engine.matching.clip.one_pass import normalised

    squares = torch.from_numpy(squares_of(photo.size, side).cut(photo))
    return normalised(squares, RECIPE.mean, RECIPE.std)


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
    have = squares_of_photo(read_photo(data).image, 224)[0].numpy()
    step = 1 / 255 / min(RECIPE.std)  # one 8-bit level
    assert np.abs(have - want).max() < 1.01 * step
    assert np.abs(have - want).mean() < 0.02 * step


def test_photos_and_texts_become_unit_vectors_of_one_space(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    first, second = encoder.encode_photos([image(), image((50, 200))])  # a panorama
    texts = encoder.encode_texts(TEXTS)
    assert (encoder.slug, encoder.name) == ("clip-look-1-vit-b-32", "CLIP ViT-B/32")
    assert first.vectors.shape == second.vectors.shape == (37, encoder.dimension) == (37, 48)
    assert texts.shape == (3, 48)
    assert first.vectors.dtype == texts.dtype == np.float32
    for rows in (first.vectors, second.vectors, texts):
        assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-3)
    assert encoder.encode_photos([]) == []
    assert encoder.encode_texts([]).shape == (0, 48)


def test_a_photo_has_the_same_vectors_in_any_batch(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (alone,) = encoder.encode_photos([image()])
    among = encoder.encode_photos([image((80, 80)), image(), image((200, 64))] * 3)[1]
    assert float((alone.vectors * among.vectors).sum(axis=1).min()) > 0.9995


@pytest.fixture
def float32_vector(openai_file):
    """The float32 model's unit vector of `image`, as openai-clip computes it."""
    model = clip_model.load_model(openai_file, QUICK)
    with torch.inference_mode():
        return unit(model.encode_image(squares_of_photo(image())).numpy())[0]


@pytest.mark.parametrize("installed", [True, False])
def test_photos_have_the_float32_vectors_with_and_without_openvino(
    openai_file, float32_vector, tmp_path, monkeypatch, installed
):
    if not installed:
        monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([image()])
    assert float(encoding.vectors[0] @ float32_vector) >= LEAST_COSINE
    assert encoder.dimension == 48


def test_photos_are_encoded_even_if_the_fast_tower_cannot_be_stored(
    openai_file, float32_vector, tmp_path
):
    (tmp_path / "networks").write_text("in the way")
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    (encoding,) = encoder.encode_photos([image()])
    assert float(encoding.vectors[0] @ float32_vector) >= LEAST_COSINE


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


def test_a_text_is_encoded_as_the_mean_over_published_templates(openai_file, tmp_path):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    filled = [template.format("a dog") for template in clip_encoder.TEMPLATES]
    assert "a photo of a dog." in filled
    want = unit(unit(encoder.text_features(filled)).mean(axis=0))
    assert np.abs(encoder.encode_texts(["rain", "a dog"])[1] - want).max() < 1e-5


def test_a_panorama_is_seen_whole(openai_file):
    """The middle square, which CLIP would see alone, is grey in both."""
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    plain, with_edges = Image.new("RGB", (600, 200), "grey"), Image.new("RGB", (600, 200), "grey")
    with_edges.paste(image((150, 200)), (0, 0))
    one, other = encoder.encode_photos([plain, with_edges])
    cosines = (one.vectors * other.vectors).sum(axis=1)
    assert cosines[0] < 0.999
    grid = cosines[1:].reshape(one.grid)
    assert grid[:, 0].max() < grid[:, -1].min()


def test_a_dark_photo_is_known_as_dark(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    night, noon = encoder.encode_photos(
        [Image.new("RGB", (90, 70), "#111"), Image.new("RGB", (90, 70), "#eee")]
    )
    assert (night.scene.dark, night.scene.bright) == (1.0, 0.0)
    assert (noon.scene.dark, noon.scene.bright) == (0.0, 1.0)


def test_the_cpu_is_used_without_a_gpu(openai_file):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    assert encoder.arithmetic.endswith(f" on {devices.best()}")
    assert encoder.trouble == ""


@pytest.fixture
def failing_gpu(monkeypatch):
    """Torch's meta device: it computes nothing, so that reading an answer from it fails."""
    monkeypatch.setattr(devices, "best", lambda: "meta")


@pytest.mark.usefixtures("failing_gpu")
def test_the_cpu_stands_in_for_a_failing_device(openai_file, float32_vector, tmp_path, caplog):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    with caplog.at_level("WARNING"):
        (encoding,) = encoder.encode_photos([image()])
        encoder.encode_photos([image()])
    assert float(encoding.vectors[0] @ float32_vector) >= LEAST_COSINE
    assert encoder.arithmetic.endswith(" on cpu")
    (record,) = caplog.records
    assert record.getMessage() == encoder.trouble
    assert encoder.trouble.startswith("meta failed, CLIP runs on the CPU: ")
    assert "\n" not in encoder.trouble


@pytest.mark.usefixtures("failing_gpu")
def test_the_cpu_stands_in_for_texts_too(openai_file, tmp_path):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    assert np.allclose(np.linalg.norm(encoder.encode_texts(TEXTS), axis=1), 1.0, atol=1e-5)
    assert encoder.trouble


@pytest.mark.usefixtures("failing_gpu")
def test_unreadable_weights_are_no_trouble_of_the_device(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"junk")
    encoder = clip_encoder.ClipEncoder("ViT-B/32", path, tmp_path)
    with pytest.raises(EncoderUnavailableError):
        encoder.encode_texts(TEXTS)
    assert not encoder.trouble


def test_threads_share_an_encoder(openai_file, tmp_path):
    encoder = clip_encoder.ClipEncoder("ViT-B/32", openai_file, tmp_path)
    photos = [image((90 + n, 70)) for n in range(12)]
    want = [encoder.encode_photos([photo])[0].vectors for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        have = list(pool.map(lambda photo: encoder.encode_photos([photo])[0].vectors, photos))
    assert all(np.allclose(one, other, atol=1e-2) for one, other in zip(want, have, strict=True))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU on this machine")
def test_a_gpu_gives_the_same_vectors_as_the_cpu(openai_file, monkeypatch):
    on_gpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (gpu,), gpu_texts = on_gpu.encode_photos([image()]), on_gpu.encode_texts(TEXTS)
    assert on_gpu.arithmetic.endswith("16 on cuda")
    monkeypatch.setattr(devices, "best", lambda: devices.CPU)
    on_cpu = clip_encoder.ClipEncoder("ViT-B/32", openai_file, openai_file.parent)
    (cpu,), cpu_texts = on_cpu.encode_photos([image()]), on_cpu.encode_texts(TEXTS)
    assert float(gpu.vectors[0] @ cpu.vectors[0]) >= LEAST_COSINE
    assert np.abs(gpu_texts - cpu_texts).max() < 1e-3
