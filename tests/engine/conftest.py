"""Fixtures shared by the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.engine.file_server import Server, serving
from tests.engine.sound_clips import make_library


@pytest.fixture(scope="session")
def peer():
    """A tiny CLIP of transformers with random weights."""
    pytest.importorskip("torch")
    pytest.importorskip("transformers")
    from tests.clip_files import tiny_clip

    return tiny_clip()


@pytest.fixture(scope="session")
def weights_folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="session")
def transformers_file(peer, weights_folder) -> Path:
    """The weights of `peer` under transformers' names."""
    from safetensors.torch import save_file

    path = weights_folder / "transformers.safetensors"
    save_file({name: w.contiguous() for name, w in peer.state_dict().items()}, path)
    return path


@pytest.fixture(scope="session")
def openai_file(peer, weights_folder) -> Path:
    """The weights of `peer` under OpenAI's names."""
    from safetensors.torch import save_file

    from soundscapes.engine.matching.clip import state_dict

    path = weights_folder / "openai.safetensors"
    save_file(state_dict.to_openai(peer.state_dict()), path)
    return path


@pytest.fixture
def server() -> Iterator[Server]:
    """A running HTTP server with one file."""
    with serving(Server()) as running:
        yield running


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """The clips of three categories, each of another kind."""
    return make_library(tmp_path_factory.mktemp("clips"))
