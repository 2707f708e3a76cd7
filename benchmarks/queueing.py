"""Delay from the commit of a job to its start by a warm worker.

Soundscapes are queued one at a time on the real cluster, as the application does it. Each row
records when its worker claimed it.

    python -m benchmarks.queueing [--tasks 50]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence

from tests.live.installations import installation
from tests.live.server import PROJECT, running

ASK = """
import sys, time
from django.utils import timezone
from soundscapes.models import Generation, Image, User
from soundscapes.generations import generations

user, image = User.objects.get(), Image.objects.first()
delays = []
for number in range(int({tasks}) + 3):
    generation = generations.create_generation(user, image, duration=5, seed=number)
    committed = timezone.now()
    while not generation.is_final:
        time.sleep(0.05)
        generation.refresh_from_db()
    delays.append((generation.started_at - committed).total_seconds() * 1000)
    time.sleep(0.3)
print(*delays[3:])
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tasks", type=int, default=50)
    options = parser.parse_args(arguments)
    with installation() as env, running(env) as server:
        server.wait_for_worker()
        asked = subprocess.run(
            [sys.executable, "manage.py", "shell", "-v0", "-c", ASK.format(tasks=options.tasks)],
            cwd=PROJECT,
            env=env,
            capture_output=True,
            text=True,
            check=True,
        )
    delays = sorted(float(delay) for delay in asked.stdout.split())
    median, high = delays[len(delays) // 2], delays[int(len(delays) * 0.95)]
    print(f"from commit to the worker's start, {len(delays)} jobs: median, 95th percentile")
    print(f"  product   {median:8.1f}  {high:8.1f} ms")


if __name__ == "__main__":
    main()
