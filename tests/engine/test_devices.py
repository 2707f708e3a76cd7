"""The choice of the device for CLIP."""

import os
import sys

import pytest

from soundscapes.engine.matching.clip import devices

torch = pytest.importorskip("torch")


@pytest.fixture
def machine(monkeypatch):
    """Return a function that pretends to be on a machine with these devices."""

    def pretend(platform, *, cuda=False, mps=False):
        monkeypatch.setattr(sys, "platform", platform)
        monkeypatch.setattr(os.path, "exists", lambda path: path in devices._GPU_FILES and cuda)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)

    return pretend


@pytest.mark.parametrize("platform", ["linux", "win32"])
def test_cuda_is_taken_where_it_is(machine, platform):
    machine(platform, cuda=True)
    assert devices.best() == "cuda"


def test_apple_s_gpu_is_taken_where_torch_has_it(machine):
    machine("darwin", mps=True)
    assert devices.best() == "mps"
    machine("darwin")
    assert devices.best() == "cpu"


def test_on_linux_without_a_gpu_torch_is_not_asked(machine, monkeypatch):
    machine("linux")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: pytest.fail("asked"))
    assert devices.best() == "cpu"
