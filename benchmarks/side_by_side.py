"""Rendering by two processes at once, with and without the limit of BLAS threads.

On two cores, each of two processes should take as long as one alone. BLAS threads that wait for
each other make it several times as long, and more so if BLAS believes that there are more cores.
Part of `python -m benchmarks.mixing`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import IO, cast

from soundscapes.engine.sound import blas
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.renderer import render

PROJECT = Path(__file__).resolve().parents[1]
RENDERS = 4
SIMULATED = 8  # cores


def report(folder: Path, rounds: int) -> None:
    """Print the ratios; `folder` holds a plan of a minute and its clips."""
    cores = len(os.sched_getaffinity(0))
    print(f"rendering 60 s in two processes side by side, {cores} cores, median of {rounds}:")
    for threads in dict.fromkeys((cores, SIMULATED)):
        for limit in ("limited", "unlimited"):
            pairs = [[_at_once(n, threads, limit, folder) for n in (1, 2)] for _ in range(rounds)]
            alone, beside = map(statistics.median, zip(*pairs, strict=True))
            ratio = statistics.median(two / one for one, two in pairs)
            print(
                f"  BLAS for {threads} cores, {limit:10}{alone * 1000:7.1f} ms alone, "
                f"{beside * 1000:7.1f} ms beside another, ratio {ratio:.2f}"
            )


def _at_once(count: int, threads: int, limit: str, folder: Path) -> float:
    """Return the seconds of a render while `count` processes render."""
    started = [_start(threads, limit, folder) for _ in range(count)]
    for each in started:
        cast(IO[str], each.stdout).readline()  # it is warm
    for each in started:
        cast(IO[str], each.stdin).write("go\n")
        cast(IO[str], each.stdin).flush()
    return statistics.median(float(each.communicate()[0]) for each in started)


def _start(threads: int, limit: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": str(threads)}
    environment.pop("OMP_NUM_THREADS", None)
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.side_by_side", limit, str(folder)],
        cwd=PROJECT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def main() -> None:
    """Warm up, wait for a line, then render several times and print the median of seconds."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("limit", choices=["limited", "unlimited"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.limit == "unlimited":
        blas._controller = cast(blas.ThreadpoolController, _without_limit())
    with tempfile.TemporaryDirectory() as name:
        _render(options.folder, Path(name) / "warm.wav")
        print("warm", flush=True)
        sys.stdin.readline()
        taken = [_render(options.folder, Path(name) / f"{n}.wav") for n in range(RENDERS)]
    print(statistics.median(taken))


def _without_limit() -> object:
    return SimpleNamespace(limit=lambda **_limits: nullcontext())


def _render(folder: Path, output: Path) -> float:
    plan = Plan.from_json(json.loads((folder / "1.json").read_text()))
    paths = json.loads((folder / "clips.json").read_text())
    clips = {checksum: Path(path) for checksum, path in paths.items()}
    started = time.perf_counter()
    render(plan, clips, output)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
