"""CLIP's model from a file: the vectors and tokens of transformers, without running code."""

import pickle

import pytest
from safetensors.torch import save_file

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip import clip_model, published
from tests.clip_files import tiny_clip
from tests.engine.clip_inputs import TEXTS

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")


def features(output):
    return getattr(output, "pooler_output", output)


@pytest.fixture(params=published.ACTIVATIONS)
def pair(request, tmp_path):
    """Return a tiny CLIP of transformers, and openai-clip's model with its weights."""
    theirs = tiny_clip(request.param)
    path = tmp_path / "weights.safetensors"
    save_file({name: w.contiguous() for name, w in theirs.state_dict().items()}, path)
    return theirs, clip_model.load_model(path, request.param)


def test_image_vectors_match_transformers(pair):
    theirs, ours = pair
    pixels = torch.randn(3, 3, 64, 64, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        want = features(theirs.get_image_features(pixel_values=pixels))
        have = ours.encode_image(pixels)
    assert float((want - have).abs().max()) < 1e-5 * max(1.0, float(want.abs().max()))


@pytest.mark.parametrize("texts", [TEXTS, [*TEXTS, "word " * 200]])
def test_text_vectors_match_transformers(pair, texts):
    theirs, ours = pair
    tokens = clip_model.tokenize(texts)
    with torch.inference_mode():
        want = features(theirs.get_text_features(input_ids=tokens))
        have = clip_model.encode_tokens(ours, tokens)
    assert float((want - have).abs().max()) < 1e-5 * max(1.0, float(want.abs().max()))


def test_both_key_layouts_give_the_same_model(transformers_file, openai_file):
    one, other = (
        clip_model.load_model(path, published.QUICK) for path in (transformers_file, openai_file)
    )
    for name, weight in one.state_dict().items():
        assert torch.equal(weight, other.state_dict()[name]), name


def test_weights_are_not_rounded_to_float16(peer, transformers_file):
    model = clip_model.load_model(transformers_file, published.QUICK)
    want = peer.state_dict()["text_model.embeddings.token_embedding.weight"]
    assert torch.equal(model.token_embedding.weight, want)


def test_a_residual_network_is_rebuilt_from_its_weights():
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    shape = (1, 1, 1, 1)
    original = CLIP(32, 64, shape, 16, 0, 77, 600, 64, 1, 1).eval()
    rebuilt = clip_model.build_model(original.state_dict(), published.QUICK)
    pixels = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(original.encode_image(pixels), rebuilt.encode_image(pixels))


def test_long_texts_are_truncated_and_keep_their_end_token():
    tokens = clip_model.tokenize(["rain " * 100, "rain", ""])
    assert tokens.shape == (3, 77)
    assert tokens[0, 0] == 49406
    assert tokens[0, -1] == 49407
    assert tokens[1, :4].tolist() == [49406, 2443, 49407, 0]
    assert tokens[2, :3].tolist() == [49406, 49407, 0]


def test_tokens_match_transformers_with_long_texts_truncated():
    """Except for curly quotes, which OpenAI's tokeniser straightens first."""
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


@pytest.mark.parametrize("suffix", [".pt", ".bin", ".pth", ""])
def test_a_pickle_is_never_opened(tmp_path, suffix):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "sprung"), "w"))

    path = tmp_path / f"weights{suffix}"
    path.write_bytes(pickle.dumps(Trap()))
    with pytest.raises(EncoderUnavailableError, match="can run code"):
        clip_model.load_model(path, published.QUICK)
    assert not (tmp_path / "sprung").exists()


def test_a_damaged_weights_file_is_reported(tmp_path):
    path = tmp_path / "weights.safetensors"
    path.write_bytes(b"\x10\0\0\0\0\0\0\0not json at all!")
    with pytest.raises(EncoderUnavailableError, match="fetch_weights"):
        clip_model.load_model(path, published.QUICK)


def test_weights_of_another_model_are_rejected(tmp_path):
    path = tmp_path / "weights.safetensors"
    save_file({"layer.weight": torch.zeros(2, 2)}, path)
    with pytest.raises(EncoderUnavailableError):
        clip_model.load_model(path, published.QUICK)
