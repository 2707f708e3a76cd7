"""One pass of the image tower: openai-clip's vector, and ClearCLIP's at every patch."""

import numpy as np
import pytest

from soundscapes.engine.matching.clip import clip_model
from soundscapes.engine.matching.clip.published import ACTIVATIONS, QUICK, Recipe
from tests.clip_files import tiny_clip
from tests.engine.clip_inputs import image, pixels

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

CLIPS = Recipe(QUICK)


def one_pass(model):
    from soundscapes.engine.matching.clip.one_pass import OnePass

    return OnePass(model.visual, CLIPS.mean, CLIPS.std).eval()


def residual():
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    model = CLIP(32, 96, (1, 1, 1, 1), 16, 0, 77, 600, 64, 1, 1).eval()
    for weight in model.parameters():
        weight.data += torch.randn_like(weight) * 0.05  # three norms start as zero
    return model


def transformer(activation=QUICK):
    return clip_model.build_model(tiny_clip(activation).state_dict(), activation)


MODELS = {
    "quick_gelu": transformer,
    "gelu": lambda: transformer(ACTIVATIONS[1]),
    "residual": residual,
}


@pytest.mark.parametrize("kind", MODELS)
def test_the_first_vector_is_openai_clip_s(kind):
    from soundscapes.engine.matching.clip.one_pass import normalised

    model = MODELS[kind]()
    network = one_pass(model)
    squares = torch.from_numpy(pixels(side=network.side))
    with torch.inference_mode():
        want = model.encode_image(normalised(squares, CLIPS.mean, CLIPS.std))
        have = network(squares)
    patches = (network.side // (32 if kind == "residual" else 16)) ** 2
    assert have.shape == (3, 1 + patches, network.dimension)
    assert float((have[:, 0] - want).abs().max()) < 1e-5 * max(1.0, float(want.abs().max()))


def test_the_pixels_are_normalised_like_those_of_transformers():
    from soundscapes.engine.matching.clip.one_pass import normalised

    processor = transformers.CLIPImageProcessorPil()
    want = np.asarray(processor(image((224, 224)), return_tensors="np")["pixel_values"])
    squares = torch.from_numpy(np.array(image((224, 224)))[None])
    have = normalised(squares, CLIPS.mean, CLIPS.std)
    assert np.abs(have.numpy() - want).max() < 1e-5


@pytest.mark.parametrize("kind", MODELS)
def test_the_vectors_of_patches_follow_the_published_formulas(kind):
    """Compares with the formulas in their plainest form: softmax(q q^T / sqrt(d)) v, one head."""
    from soundscapes.engine.matching.clip.one_pass import normalised

    model = MODELS[kind]()
    network = one_pass(model)
    squares = torch.from_numpy(pixels(side=network.side))
    seen = []
    with torch.inference_mode():
        values = normalised(squares, CLIPS.mean, CLIPS.std)
        if kind == "residual":
            model.visual.attnpool.register_forward_pre_hook(lambda _pool, args: seen.append(*args))
            model.visual(values)
            pool = model.visual.attnpool
            want = pool.c_proj(pool.v_proj(seen[0].flatten(2).transpose(1, 2)))
        else:
            last = model.visual.transformer.resblocks[-1]
            last.register_forward_pre_hook(lambda _block, args: seen.append(*args))
            model.visual(values)
            want = clear_clip(model.visual, last, seen[0].transpose(0, 1))
        have = network(squares)[:, 1:]
    assert float((have - want).abs().max()) < 1e-4 * max(1.0, float(want.abs().max()))


def clear_clip(visual, block, tokens):
    attention = block.attn
    width, heads = attention.embed_dim, attention.num_heads
    inputs = block.ln_1(tokens)
    weights, biases = (
        part.split(width) for part in (attention.in_proj_weight, attention.in_proj_bias)
    )
    query, _key, value = (
        inputs @ weight.T + bias for weight, bias in zip(weights, biases, strict=True)
    )
    found = []
    for q, v in zip(query.chunk(heads, -1), value.chunk(heads, -1), strict=True):
        alike = torch.softmax(q @ q.transpose(1, 2) / (width // heads) ** 0.5, dim=-1)
        found.append(alike @ v)
    places = attention.out_proj(torch.cat(found, dim=-1))[:, 1:]
    return visual.ln_post(places) @ visual.proj


@pytest.mark.parametrize("kind", MODELS)
def test_no_tensor_stays_behind_on_another_device(kind):
    """Uses torch's meta device in place of a GPU."""
    network = one_pass(MODELS[kind]()).to("meta")
    squares = torch.empty(2, network.side, network.side, 3, dtype=torch.uint8, device="meta")
    assert network(squares).device.type == "meta"
