"""The processor that a figure is from: its name, cores and instruction sets."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
SETS = {
    "AVX2": "avx2",
    "AVX-512": "avx512f",
    "VNNI": "avx512_vnni|avx_vnni",
    "bfloat16": "avx512_bf16",
    "AMX": "amx_bf16",
    "NEON": "asimd",
}
"""Flags of Linux by the names of instruction sets that the arithmetic here can use."""


def described() -> str:
    """Return, for example, `AMD EPYC, 2 cores, AVX2, AVX-512, VNNI`."""
    cores = f"{len(os.sched_getaffinity(0))} cores"
    return ", ".join((_name(), cores, *instruction_sets()))


def instruction_sets() -> list[str]:
    """Return the known ones of this processor; none where the system does not tell."""
    flags = _cpuinfo()
    return [name for name, flag in SETS.items() if re.search(rf"\b({flag})\b", flags)]


def _name() -> str:
    named = re.search(r"model name\s*: (.+)", _cpuinfo())
    return named[1] if named else platform.processor() or platform.machine()


def _cpuinfo() -> str:
    return CPUINFO.read_text() if CPUINFO.exists() else ""
