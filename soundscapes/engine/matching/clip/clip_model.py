"""openai-clip's model and tokeniser, without the package's `__init__`.

`import clip` needs pkg_resources, which current setuptools no longer has, and torchvision, which
does not load next to a CPU-only torch. With a bare `clip` module that has only `__path__`,
`clip.model` and `clip.simple_tokenizer` can be imported. A. Radford et al., "Learning Transferable
Visual Models From Natural Language Supervision", 2021.
"""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from soundscapes.engine.checksums import sha256_of
from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip import state_dict
from soundscapes.engine.matching.clip.published import OPENAI_CHECKSUMS, PLAIN

if TYPE_CHECKING:
    import torch
    from clip.model import CLIP
    from clip.simple_tokenizer import SimpleTokenizer

CONTEXT = 77
START, END = "<|startoftext|>", "<|endoftext|>"


def load_model(path: Path, activation: str) -> CLIP:
    """Load a model in float32 and evaluation mode.

    Read safetensors with OpenAI's, open_clip's or transformers' keys, and OpenAI's archives. The
    latter can run code, so they need a known checksum. Raise EncoderUnavailableError for any other
    file.
    """
    try:
        weights = _safetensors(path) if path.suffix == ".safetensors" else _openai_archive(path)
        return build_model(weights, activation)
    except EncoderUnavailableError:
        raise
    except Exception as error:
        raise EncoderUnavailableError(
            f"{path} contains no readable CLIP weights ({error}). "
            "Delete it and run “manage.py fetch_weights”."
        ) from error


def build_model(weights: Mapping[str, torch.Tensor], activation: str) -> CLIP:
    """Build openai-clip's model with exact float32 weights and one of `published.ACTIVATIONS`.

    openai-clip's own `build_model` would convert them to float16.
    """
    import torch

    _bare_package()
    from clip.model import CLIP

    weights = state_dict.to_openai(weights)
    with torch.device("meta"):
        model = CLIP(**state_dict.shape_of(weights))
    single = {name: t.float() if t.is_floating_point() else t for name, t in weights.items()}
    model.load_state_dict(single, strict=True, assign=True)
    if activation == PLAIN:
        _use_plain_gelu(model)
    return model.eval().requires_grad_(requires_grad=False)


def _use_plain_gelu(model: torch.nn.Module) -> None:
    from clip.model import QuickGELU
    from torch import nn

    for module in list(model.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, QuickGELU):
                setattr(module, name, nn.GELU())


def encode_tokens(model: CLIP, tokens: torch.Tensor) -> torch.Tensor:
    """Return openai-clip's vectors (n, dimension) of token ids (n, 77), not normalised.

    Every token sees only those before it, so what follows the longest text's end is left out.
    """
    ends = tokens.argmax(dim=-1)
    tokens = tokens[:, : int(ends.max()) + 1]
    length = tokens.shape[1]
    states = model.token_embedding(tokens) + model.positional_embedding[:length]
    states, mask = states.transpose(0, 1), model.build_attention_mask()[:length, :length]
    for block in model.transformer.resblocks:
        block.attn_mask = mask
        states = block(states)
    states = model.ln_final(states.transpose(0, 1))
    rows: torch.Tensor = states[range(len(ends)), ends] @ model.text_projection
    return rows


def tokenize(texts: Sequence[str]) -> torch.Tensor:
    """Return token ids of shape (len(texts), 77), int64; truncated texts keep their end token."""
    import torch

    tokenizer = _tokenizer()
    start, end = tokenizer.encoder[START], tokenizer.encoder[END]
    rows = torch.zeros((len(texts), CONTEXT), dtype=torch.long)
    for row, text in zip(rows, texts, strict=True):
        tokens = [start, *tokenizer.encode(text)[: CONTEXT - 2], end]
        row[: len(tokens)] = torch.tensor(tokens)
    return rows


@cache
def _tokenizer() -> SimpleTokenizer:
    _bare_package()
    from clip.simple_tokenizer import SimpleTokenizer

    return SimpleTokenizer()


def _bare_package() -> None:
    if "clip" in sys.modules:
        return
    found = importlib.util.find_spec("clip")
    if found is None or not found.submodule_search_locations:
        raise EncoderUnavailableError("The package openai-clip is not installed. Install it.")
    module = ModuleType("clip")
    module.__path__ = list(found.submodule_search_locations)
    module.__spec__ = found
    sys.modules["clip"] = module


def _safetensors(path: Path) -> dict[str, torch.Tensor]:
    from safetensors.torch import load_file

    return load_file(path)


def _openai_archive(path: Path) -> dict[str, torch.Tensor]:
    import torch

    if sha256_of(path) not in OPENAI_CHECKSUMS:
        raise EncoderUnavailableError(
            f"{path} is not one of OpenAI's archives, and such a file can run code. "
            "Use weights in the safetensors format."
        )
    archive = torch.jit.load(str(path), map_location="cpu")
    return dict(archive.state_dict())
