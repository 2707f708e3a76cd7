"""Child processes for decoders of untrusted files, limited in memory and time.

The memory and the crashes of a decoder do not affect the calling process.
"""

import contextlib
import os
import subprocess  # nosec B404  # for our own programs
import sys
from collections.abc import Sequence
from pathlib import Path

MAX_MEMORY = 1280 * 2**20
"""Bytes of a child's address space, including 150 MB for Python and the decoders."""

CPU_SECONDS = 10
WALL_SECONDS = 30.0
"""Longer than the processor time, for a busy machine."""

_ROOT = Path(__file__).parents[2]


class ProcessEndedError(Exception):
    """The child ended early: `is_heavy` at a limit, otherwise by a fault of its decoder."""

    def __init__(self, is_heavy: bool) -> None:
        super().__init__("a decoder's process ended early")
        self.is_heavy = is_heavy


def run(module: str, arguments: Sequence[object], data: bytes = b"") -> bytes:
    """Run `module` as a program with `data` as its input, and return its output.

    The child gets no secrets from the environment. Raise ProcessEndedError if it fails.
    """
    command = [sys.executable, "-m", module, *map(str, arguments)]
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603  # no argument comes from the file
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
    """Return the variables that Python needs to start."""
    return {name: os.environ[name] for name in _FOR_PYTHON if name in os.environ}


_FOR_PYTHON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def limit_own_process() -> None:
    """Limit the calling process, as far as the system can; WALL_SECONDS applies everywhere.

    If the machine runs out of memory, Linux kills this process first.
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
