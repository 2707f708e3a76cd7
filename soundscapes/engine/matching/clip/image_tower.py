"""CLIP's image tower, with an answer at every place, in its fastest equivalent form."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.clip.devices import CPU
from soundscapes.engine.matching.openvino_network import Pixels, keeps_vectors, probes

if TYPE_CHECKING:
    import torch

    from soundscapes.engine.matching.clip.one_pass import SquareNetwork

Rows = npt.NDArray[np.float32]

_log = logging.getLogger(__name__)


class Tower(Protocol):
    """Map pixels (n, side, side, 3), uint8, to vectors (n, 1 + patches, dimension), float32."""

    device: str
    precision: str
    """The arithmetic's number format: f32, bf16 or f16."""

    @property
    def side(self) -> int: ...

    @property
    def dimension(self) -> int: ...

    def __call__(self, pixels: Pixels) -> Rows: ...


def photo_tower(
    folder: Path, made_of: str, make: Callable[[], SquareNetwork], device: str
) -> Tower:
    """Return the tower on OpenVINO, cached in `folder`, or on torch on any device but the CPU.

    `made_of` identifies what `make` returns on the device; it is only called if that is not
    converted yet. If OpenVINO fails, torch runs the tower on the CPU.
    """
    if device == CPU and openvino_network.is_installed():
        try:
            return openvino_network.kept_network(
                folder, made_of, lambda: _with_example(make()), may_halve=True
            )
        except (RuntimeError, OSError):
            _log.warning("OpenVINO cannot run CLIP's image tower; using torch", exc_info=True)
    return TorchTower(make())


class TorchTower:
    """The tower on torch, in 16 bits if that keeps its vectors."""

    def __init__(self, network: SquareNetwork) -> None:
        import torch

        self.side, self.dimension = network.side, network.dimension
        self._network = fastest(network)
        self._weight = next(self._network.parameters())
        self.device = self._weight.device.type
        self.precision = {torch.float16: "f16", torch.bfloat16: "bf16"}.get(
            self._weight.dtype, "f32"
        )

    def __call__(self, pixels: Pixels) -> Rows:
        return _run(self._network, pixels)


def fastest(network: SquareNetwork) -> SquareNetwork:
    """Return the network in its device's half precision if that keeps its vectors."""
    kind = half_precision(next(network.parameters()).device)
    if kind is None:
        return network
    candidate = _plain_norms(copy.deepcopy(network)).to(kind).eval()
    noise = probes(_with_example(network)[1].numpy())
    is_same = keeps_vectors(_run(network, noise), _run(candidate, noise))
    return candidate if is_same else network


def half_precision(device: torch.device) -> torch.dtype | None:
    """Return the 16-bit type that the device computes in natively, if there is one."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if device.type == "mps":
        return torch.float16
    native = ("avx512_bf16", "amx_bf16", "bf16")
    capabilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(capabilities.get(name) for name in native) else None


def _run(network: SquareNetwork, pixels: Pixels) -> Rows:
    import torch

    device = next(network.parameters()).device
    with torch.inference_mode():
        rows: Rows = network(torch.from_numpy(pixels).to(device)).float().cpu().numpy()
    return rows


def _with_example(network: SquareNetwork) -> tuple[SquareNetwork, torch.Tensor]:
    import torch

    return network, torch.zeros(1, network.side, network.side, 3, dtype=torch.uint8)


def _plain_norms(network: SquareNetwork) -> SquareNetwork:
    """Replace openai-clip's LayerNorm, which fails on the CPU in 16 bits."""
    from torch import nn

    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            if isinstance(child, nn.LayerNorm):
                plain = nn.LayerNorm(
                    child.normalized_shape,
                    child.eps,
                    device=child.weight.device,
                    dtype=child.weight.dtype,
                )
                plain.load_state_dict(child.state_dict())
                setattr(module, name, plain)
    return network
