"""The device on which torch runs CLIP."""

import os
import sys

CPU = "cpu"
_GPU_FILES = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")
"""On Linux, one of these exists if there is a GPU that torch can use: CUDA, ROCm, WSL."""


def best() -> str:
    """Return "cuda", "mps" or "cpu", if possible without the slow import of torch."""
    if sys.platform == "linux" and not any(map(os.path.exists, _GPU_FILES)):
        return CPU
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else CPU
