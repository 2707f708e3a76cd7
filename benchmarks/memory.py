"""Memory of a worker after jobs of all kinds and lengths.

One worker of the real cluster does rounds of jobs: images of several formats and up to 12
megapixels, soundscapes of 5 s to 10 minutes, their conversions, layers, previews and remixes, and
now and then an export, a batch job and half an hour of sound. Afterwards its memory has to be what
it was early on.

    python -m benchmarks.memory [--jobs 50 200 500 1000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from time import monotonic

import psutil

from tests.live.installations import installation
from tests.live.server import PROJECT, Server, running

MB = 2**20
ENVIRONMENT = {
    "SOUNDSCAPES_WORKERS": "1",
    "SOUNDSCAPES_AUDIO_CACHE": "0.3",
    "SOUNDSCAPES_QUOTA_UPLOAD": "1000000/hour",
    "SOUNDSCAPES_QUOTA_GENERATE": "1000000/hour",
    "SOUNDSCAPES_QUOTA_PREVIEW": "1000000/hour",
}
WORK = """
from benchmarks import memory_jobs
memory_jobs.run_until({jobs})
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=int, nargs="+", default=[50, 200, 500, 1000])
    options = parser.parse_args(arguments)
    with installation(ENVIRONMENT) as env, running(env) as server:
        server.wait_for_worker()
        worker = largest_process(server)
        print("memory of a worker in MB, after jobs of all kinds: resident, private")
        print(f"  warm, no jobs {_sizes(worker)}")
        first = 0.0
        for jobs in options.jobs:
            begun = monotonic()
            _work(env, jobs)
            resident = worker.memory_info().rss / MB
            first = first or resident
            taken = f"{monotonic() - begun:.0f} s"
            print(f"  {jobs:4d} jobs     {_sizes(worker)}  {resident / first:5.2f} times ({taken})")


def largest_process(server: Server) -> psutil.Process:
    """Return the worker, which has loaded the encoder."""
    cluster = [each for each in server.descendants() if "qcluster" in " ".join(each.cmdline())]
    return max(cluster, key=lambda each: each.memory_info().rss)


def _work(env: dict[str, str], jobs: int) -> None:
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", WORK.format(jobs=jobs)]
    subprocess.run(command, cwd=PROJECT, env=env, check=True)


def _sizes(worker: psutil.Process) -> str:
    used = worker.memory_full_info()
    return f"{used.rss / MB:6.0f} {used.uss / MB:6.0f}"


if __name__ == "__main__":
    main()
