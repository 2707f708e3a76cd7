"""Networks on OpenVINO: the results of torch, but faster and without loading torch.

A network is converted once and cached in OpenVINO's format. The package is imported on first use.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Pixels = npt.NDArray[np.float32] | npt.NDArray[np.uint8]
Rows = npt.NDArray[np.float32]

SINGLE, HALF = "f32", "bf16"
LEAST_COSINE = 0.999
LEAST_COSINE_OF_PLACES = 0.99
KEPT_KERNELS = 30
SHARED_KERNELS = 512
"""Compiled kernels that a network of any shape keeps, and those that all networks of a process
share: enough for photos of seven shapes. By default it is thousands of each, which are hundreds of
megabytes."""
_FILE, _PRECISION_FILE = "network.xml", "precision.txt"
_PROBES = 4

_first_use = Lock()
"""OpenVINO makes its table of data types when a network first runs. Two that do so at the same time
may wait for ever: one thread for the table, the other one for the interpreter."""


def is_installed() -> bool:
    """Return whether the package is installed, without importing it."""
    return importlib.util.find_spec("openvino") is not None


class OpenVinoNetwork:
    """A compiled image network; `precision` is "f32" or "bf16". Threads take turns."""

    device = "cpu"

    def __init__(self, folder: Path, precision: str | None = None) -> None:
        """Load from `folder`; `precision` overrides the stored one.

        Raise RuntimeError or OSError for an unreadable network.
        """
        core = _openvino().Core()
        self.precision = precision or (folder / _PRECISION_FILE).read_text()
        options = {
            "NUM_STREAMS": 1,
            "INFERENCE_PRECISION_HINT": self.precision,
            "ENABLE_CPU_PINNING": False,  # it pins every process and network to the same core
            "CPU_RUNTIME_CACHE_CAPACITY": KEPT_KERNELS,
        }
        if threads := os.environ.get("OMP_NUM_THREADS"):
            options["INFERENCE_NUM_THREADS"] = int(threads)
        self._compiled = core.compile_model(core.read_model(folder / _FILE), "CPU", options)
        self._turn = Lock()

    @property
    def side(self) -> int:
        """Side of its square images in pixels. Raises RuntimeError for a network of any shape."""
        return int(self._compiled.input(0).partial_shape[2].get_length())

    @property
    def dimension(self) -> int:
        """Width of the output."""
        return int(self._compiled.output(0).partial_shape[-1].get_length())

    def __call__(self, pixels: Pixels) -> Rows:
        """Map pixels, as in the example of `kept_network`, to output (n, …, dimension), float32."""
        with self._turn:
            rows: Rows = self._compiled(np.ascontiguousarray(pixels))[0].copy()
        return rows


def kept_network(
    folder: Path,
    made_of: str,
    make: Callable[[], tuple[torch.nn.Module, torch.Tensor]],
    *,
    may_halve: bool = False,
    takes_any_shape: bool = False,
) -> OpenVinoNetwork:
    """Load the network in `folder`, or convert and cache the one that `make` returns.

    `made_of` identifies that: another text or OpenVINO version is another network. `make` returns
    the network and a batch of one image as an example; images of (1, 3, height, width) may have
    other sides where it `takes_any_shape`. `may_halve` allows native bfloat16 if vectors of
    `_PROBES` noise images keep a cosine similarity of LEAST_COSINE, and LEAST_COSINE_OF_PLACES
    after each image's first. Damaged files are remade. Raises RuntimeError where OpenVINO cannot,
    OSError where the disk cannot.
    """
    wanted = HALF if may_halve and _halves_natively() else SINGLE
    made_by = f"{made_of}|{wanted}|openvino {version('openvino')}"
    path = folder / hashlib.sha256(made_by.encode()).hexdigest()[:12]
    if path.is_dir():
        try:
            return OpenVinoNetwork(path)
        except (RuntimeError, OSError):
            shutil.rmtree(path, ignore_errors=True)
    _convert(*make(), wanted, path, takes_any_shape=takes_any_shape)
    return OpenVinoNetwork(path)


def _convert(
    network: torch.nn.Module,
    example: torch.Tensor,
    wanted: str,
    path: Path,
    *,
    takes_any_shape: bool,
) -> None:
    """Write the network to the folder `path` atomically."""
    openvino = _openvino()
    shape = [3, -1, -1] if takes_any_shape else [*example.shape[1:]]
    with warnings.catch_warnings():
        # About the tracer's deprecation, and about shape checks that any batch size passes.
        warnings.simplefilter("ignore")
        model = openvino.convert_model(network, example_input=example, input=[-1, *shape])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, suffix=".part") as folder:
        whole = Path(folder) / path.name
        openvino.save_model(model, whole / _FILE, compress_to_fp16=False)
        is_good = wanted == SINGLE or keeps_vectors(*_probed(whole, wanted, example))
        (whole / _PRECISION_FILE).write_text(wanted if is_good else SINGLE)
        try:
            whole.rename(path)
        except OSError:
            if not path.is_dir():  # another process may have been faster
                raise


def _probed(folder: Path, precision: str, example: torch.Tensor) -> tuple[Rows, Rows]:
    noise = probes(example.numpy())
    return OpenVinoNetwork(folder, SINGLE)(noise), OpenVinoNetwork(folder, precision)(noise)


def probes(example: Pixels) -> Pixels:
    """Return images of noise of the example's shape and type."""
    rng, shape = np.random.default_rng(0), (_PROBES, *example.shape[1:])
    if example.dtype == np.uint8:
        return rng.integers(0, 256, shape, dtype=np.uint8)
    return rng.standard_normal(shape, dtype=np.float32)


def keeps_vectors(want: Rows, have: Rows) -> bool:
    """Compare outputs (n, dimension) or (n, 1 + places, dimension)."""
    lengths = np.linalg.norm(want, axis=-1) * np.linalg.norm(have, axis=-1)
    cosines = ((want * have).sum(axis=-1) / lengths.clip(1e-12)).reshape(len(want), -1)
    is_first_kept = (cosines[:, 0] >= LEAST_COSINE).all()
    return bool(is_first_kept and (cosines >= LEAST_COSINE_OF_PLACES).all())


def _halves_natively() -> bool:
    capabilities = _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "BF16" in capabilities


def _openvino() -> Any:
    """Import the package without its telemetry."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", str(SHARED_KERNELS))
    import openvino

    with _first_use:
        openvino.Type.f32.to_dtype()
    return openvino
