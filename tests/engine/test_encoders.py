"""The choice of the encoder, which loads nothing."""

import subprocess
import sys

import pytest

from soundscapes.engine.errors import EncoderUnavailableError, EngineError
from soundscapes.engine.matching.encoders import encoder_identity, load_encoder


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "clip" / "vit-b-32.safetensors"
    path.parent.mkdir()
    path.touch()
    return path


def test_auto_is_the_offline_encoder_without_weights(tmp_path):
    identity = encoder_identity("auto", cache_dir=tmp_path)
    assert identity.slug.startswith("offline-")
    assert "Offline" in identity.name


def test_auto_is_clip_if_its_weights_exist(tmp_path, weights):
    assert encoder_identity("auto", cache_dir=tmp_path).slug == "clip-look-1-vit-b-32"
    assert encoder_identity("auto", cache_dir=tmp_path, clip_model="RN50").slug != "clip-rn50"


def test_offline_stays_offline_even_with_weights(tmp_path, weights):
    assert encoder_identity("offline", cache_dir=tmp_path).slug.startswith("offline-")


def test_named_weights_are_used(tmp_path, weights):
    identity = encoder_identity(
        "clip", cache_dir=tmp_path / "empty", clip_weights=weights, clip_model="ViT-L/14@336px"
    )
    assert identity.slug.startswith("clip-look-1-vit-l-14-336px-")
    assert identity.name == "CLIP ViT-L/14@336px"


def test_custom_weights_are_identified_by_their_content(tmp_path):
    def slug_of(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        found = encoder_identity("clip", cache_dir=tmp_path / "empty", clip_weights=path)
        loaded = load_encoder("clip", cache_dir=tmp_path / "empty", clip_weights=path)
        assert found.slug == loaded.slug
        return found.slug

    content = bytes(range(256)) * 4000
    first = slug_of("a.safetensors", content)
    assert slug_of("moved.safetensors", content) == first
    assert slug_of("tuned.safetensors", bytes(reversed(content))) != first
    assert slug_of("longer.safetensors", content + b"\0") != first
    assert slug_of("a.safetensors", b"\1" + content[1:]) != first


@pytest.mark.parametrize("choose", [encoder_identity, load_encoder])
def test_clip_without_weights_says_how_to_get_them(tmp_path, choose):
    with pytest.raises(EncoderUnavailableError, match=r"manage\.py fetch_weights"):
        choose("clip", cache_dir=tmp_path)


@pytest.mark.parametrize("choose", [encoder_identity, load_encoder])
def test_named_weights_that_are_gone_end_clip_but_not_auto(tmp_path, weights, choose):
    missing = tmp_path / "missing.safetensors"
    with pytest.raises(EncoderUnavailableError, match=r"missing\.s.*SOUNDSCAPES_CLIP_WEIGHTS"):
        choose("clip", cache_dir=tmp_path, clip_weights=missing)
    for choice in ("auto", "offline"):
        found = choose(choice, cache_dir=tmp_path, clip_weights=missing)
        assert found.slug.startswith("offline-")


@pytest.mark.parametrize("choose", [encoder_identity, load_encoder])
def test_an_unknown_choice_is_named_in_the_error(tmp_path, choose):
    with pytest.raises(EngineError, match="resnet"):
        choose("resnet", cache_dir=tmp_path)
    with pytest.raises(EngineError, match="ViT-Z"):
        choose("clip", cache_dir=tmp_path, clip_model="ViT-Z")


@pytest.mark.parametrize("choice", ["auto", "offline", "clip"])
def test_the_loaded_encoder_matches_its_identity(tmp_path, weights, choice):
    encoder = load_encoder(choice, cache_dir=tmp_path)
    identity = encoder_identity(choice, cache_dir=tmp_path)
    assert (encoder.slug, encoder.name) == (identity.slug, identity.name)


def test_importing_the_engine_and_choosing_an_encoder_loads_nothing_heavy(tmp_path):
    program = (
        "import pkgutil, importlib, sys, pathlib\n"
        "import soundscapes.engine.matching as package\n"
        "import soundscapes.engine.catalogue, soundscapes.engine.starter\n"
        "for module in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "    importlib.import_module(module.name)\n"
        "from soundscapes.engine.matching import encoders\n"
        "cache = pathlib.Path(sys.argv[1])\n"
        "encoders.encoder_identity('auto', cache_dir=cache)\n"
        "encoders.load_encoder('offline', cache_dir=cache)\n"
        "heavy = {'torch', 'clip', 'django', 'transformers', 'sentence_transformers', 'sklearn',"
        " 'skimage', 'openvino'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert list(tmp_path.iterdir()) == []
