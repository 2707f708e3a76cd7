"""Child processes for decoders of untrusted files, limited in memory and time.

What a decoder takes, and what it ends in, stays out of the process that asked.
"""

import contextlib
import os
import subprocess  # nosec B404  # for our own programs
import sys
from collections.abc import Sequence
from pathlib import Path

MAX_MEMORY = 1280 * 2**20
"""Bytes of a child's address space. Python and the decoders take 150 MB of it."""

CPU_SECONDS = 10
WALL_SECONDS = 30.0
"""More than the processor's, for a busy machine."""

_ROOT = Path(__file__).parents[2]


class ProcessEndedError(Exception):
    """The child ended early: `is_heavy` at a limit, otherwise by a fault of its decoder."""

    def __init__(self, is_heavy: bool) -> None:
        super().__init__("a decoder's process ended early")
        self.is_heavy = is_heavy


def run(module: str, arguments: Sequence[object], data: bytes = b"") -> bytes:
    """Return what `module` prints, run as a program with `data` as its input.

    Raises ProcessEndedError. The child sees no secret of the environment.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603  # nothing in it comes from the file
            command,
            input=data,
            capture_output=True,
            timeout=WALL_SECONDS,
            env={**_passed(), "PYTHONPATH": str(_ROOT), **threads},
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ProcessEndedError(is_heavy=True) from error
    if done.returncode:
        raise ProcessEndedError(is_heavy=done.returncode in _AT_A_LIMIT)
    return done.stdout


def _passed() -> dict[str, str]:
    """Return what a Python needs in order to start."""
    return {name: os.environ[name] for name in _FOR_PYTHON if name in os.environ}


_FOR_PYTHON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def limit_own_process() -> None:
    """Limit the calling process; where the system has no such limit, WALL_SECONDS remains.

    Where the machine runs out of memory, Linux ends this process first.
    """
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))


_KILLED, _OUT_OF_TIME = -9, -24  # signals SIGKILL and SIGXCPU
OUT_OF_MEMORY = 3  # a child's exit status
_AT_A_LIMIT = (_KILLED, _OUT_OF_TIME, OUT_OF_MEMORY)
