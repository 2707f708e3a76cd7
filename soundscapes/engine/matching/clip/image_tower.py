"""CLIP's image tower in its fastest equivalent form."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.openvino_network import LEAST_COSINE

if TYPE_CHECKING:
    import torch
    from clip.model import CLIP

Rows = npt.NDArray[np.float32]

_PROBES = 4
_log = logging.getLogger(__name__)


class Tower(Protocol):
    """Map pixels (n, 3, side, side) to vectors (n, dimension), both float32."""

    device: str
    precision: str
    """The arithmetic's number format: f32, bf16 or f16."""

    @property
    def side(self) -> int: ...

    @property
    def dimension(self) -> int: ...

    def __call__(self, pixels: Rows) -> Rows: ...


def photo_tower(folder: Path, made_of: str, model: Callable[[], CLIP], *, has_gpu: bool) -> Tower:
    """Return the tower on torch if there is a GPU, otherwise on OpenVINO, cached in `folder`.

    `made_of` identifies the weights of `model`, which is only called if they are not converted yet.
    If OpenVINO fails, torch runs the tower on the CPU.
    """
    if not has_gpu and openvino_network.is_installed():
        try:
            return openvino_network.kept_network(
                folder, made_of, lambda: _visual(model()), may_halve=True
            )
        except (RuntimeError, OSError):
            _log.warning("OpenVINO cannot run CLIP's image tower; using torch", exc_info=True)
    return TorchTower(*_visual(model()))


class TorchTower:
    """The tower on torch, in 16 bits if that keeps its vectors."""

    def __init__(self, tower: torch.nn.Module, side: int) -> None:
        import torch

        self.side = side
        self._tower = fastest_tower(tower, side, next(tower.parameters()).device)
        self._weight = next(self._tower.parameters())
        self.device = self._weight.device.type
        self.precision = {torch.float16: "f16", torch.bfloat16: "bf16"}.get(
            self._weight.dtype, "f32"
        )
        self.dimension = int(tower.output_dim)  # type: ignore[arg-type]

    def __call__(self, pixels: Rows) -> Rows:
        import torch

        with torch.inference_mode():
            batch = torch.from_numpy(pixels).to(self._weight.device, self._weight.dtype)
            rows: Rows = self._tower(batch).float().cpu().numpy()
        return rows


def fastest_tower(tower: torch.nn.Module, side: int, device: torch.device) -> torch.nn.Module:
    """Return `tower` in native half precision if its vectors stay the same, otherwise in float32.

    Both precisions encode `side` by `side` images of noise. Each pair of vectors needs a cosine
    similarity of at least LEAST_COSINE.
    """
    import torch

    kind = half_precision(device)
    if kind is None:
        return tower
    candidate = _plain_norms(copy.deepcopy(tower)).to(kind).eval()
    noise = torch.randn(_PROBES, 3, side, side, generator=torch.Generator().manual_seed(0))
    noise = noise.to(device)
    with torch.inference_mode():
        cosines = torch.nn.functional.cosine_similarity(
            tower(noise), candidate(noise.to(kind)).float()
        )
    return candidate if float(cosines.min()) >= LEAST_COSINE else tower


def half_precision(device: torch.device) -> torch.dtype | None:
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    native = ("avx512_bf16", "amx_bf16", "bf16")
    capabilities = torch.cpu.get_capabilities()
    return torch.bfloat16 if any(capabilities.get(name) for name in native) else None


def _visual(model: CLIP) -> tuple[torch.nn.Module, int]:
    return model.visual, int(model.visual.input_resolution)


def _plain_norms(tower: torch.nn.Module) -> torch.nn.Module:
    """Replace openai-clip's LayerNorm, which fails on the CPU in 16 bits."""
    from torch import nn

    for module in list(tower.modules()):
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
    return tower
