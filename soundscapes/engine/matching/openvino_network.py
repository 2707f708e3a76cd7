"""Networks on OpenVINO: the same results as torch's, sooner, and with no torch in the process.

A network is converted once and kept as OpenVINO's own files; whoever finds them there loads them
without torch. Everything of the package is imported in here, at the first use.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import torch

Pixels = npt.NDArray[np.float32]
_FILE = "network.xml"


def is_installed() -> bool:
    """Whether this platform has the package. Imports nothing."""
    return importlib.util.find_spec("openvino") is not None


class OpenVinoNetwork:
    """A network of pictures, compiled for this processor, at the precision of its weights."""

    def __init__(self, folder: Path) -> None:
        """Raises RuntimeError when `folder` holds no network that can be read."""
        core = _openvino().Core()
        options = {"NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
        if threads := os.environ.get("OMP_NUM_THREADS"):
            options["INFERENCE_NUM_THREADS"] = int(threads)
        self._compiled = core.compile_model(core.read_model(folder / _FILE), "CPU", options)

    def __call__(self, pixels: Pixels) -> npt.NDArray[np.float32]:
        """From pixels (n, 3, side, side) to the network's output (n, …), both float32."""
        rows: npt.NDArray[np.float32] = self._compiled(np.ascontiguousarray(pixels))[0].copy()
        return rows


def kept_network(
    folder: Path, made_of: str, make: Callable[[], torch.nn.Module], side: int
) -> OpenVinoNetwork:
    """The network kept in `folder`, converted from what `make` gives where it is not there yet.

    `made_of` says what goes into `make`: another text, or another OpenVINO, is another network.
    `side` is that of the pictures in pixels. What is damaged is made anew.
    """
    made_by = f"{made_of}|{side}|openvino {version('openvino')}"
    path = folder / hashlib.sha256(made_by.encode()).hexdigest()[:12]
    if path.is_dir():
        try:
            return OpenVinoNetwork(path)
        except RuntimeError:
            shutil.rmtree(path, ignore_errors=True)
    _convert(make(), side, path)
    return OpenVinoNetwork(path)


def _convert(network: torch.nn.Module, side: int, path: Path) -> None:
    """Write the network to the folder `path`, which appears whole or not at all."""
    import torch

    openvino = _openvino()
    example = torch.zeros(1, 3, side, side)
    model = openvino.convert_model(network, example_input=example, input=[-1, 3, side, side])
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent, suffix=".part") as folder:
        whole = Path(folder) / path.name
        openvino.save_model(model, whole / _FILE, compress_to_fp16=False)
        try:
            whole.rename(path)
        except OSError:
            if not path.is_dir():  # another process may have been sooner
                raise


def _openvino() -> Any:
    """The package, silenced: its import would report to its makers, without asking."""
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino

    return openvino
