"""Soundscapes a minute that two workers make of different images, by each encoder.

Images are uploaded before the cluster starts; then its workers match each one and render 30 s of
sound. What is measured lies between the first and the last one, without those that were made while
a worker warmed up. CLIP has random weights of ViT-B/32's shape. Part of `benchmarks.load`, too.

    python -m benchmarks.throughput [--soundscapes 150]
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from benchmarks.encoding import random_weights
from tests.live.installations import installation
from tests.live.server import Server, manage, running, until

WORKERS = 2
WARM_UP = 10  # soundscapes
PATIENCE = 600  # seconds
ENVIRONMENT = {
    "SOUNDSCAPES_WORKERS": str(WORKERS),
    "SOUNDSCAPES_QUEUE_LENGTH": "100000",
    "SOUNDSCAPES_QUEUE_PER_USER": "100000",
    "SOUNDSCAPES_QUOTA_UPLOAD": "100000/hour",
    "SOUNDSCAPES_QUOTA_GENERATE": "100000/hour",
}
CONFIGURATION = '{"model_cfg": {"quick_gelu": true}}'
QUEUE = """
from benchmarks.images import photo
from soundscapes.generations.generations import create_of_photo
from soundscapes.models import User
user = User.objects.create_user("throughput")
for _ in range({count}):
    create_of_photo(user, photo(), duration=30)
"""
FINISHED = "SELECT finished_at FROM soundscapes_generation WHERE state = 'ready'"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--soundscapes", type=int, default=150)
    count = parser.parse_args(arguments).soundscapes + WARM_UP
    print(f"soundscapes of 30 s that {WORKERS} workers make in a minute:")
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "open_clip_config.json").write_text(CONFIGURATION)
        weights = {"SOUNDSCAPES_CLIP_WEIGHTS": str(random_weights(Path(name)))}
        for encoder, extra in (("offline", {}), ("clip", weights)):
            rate = _a_minute(count, {"SOUNDSCAPES_ENCODER": encoder, **extra})
            print(f"  {encoder:8}{rate:6.0f}")


def _a_minute(count: int, extra: dict[str, str]) -> float:
    with installation(ENVIRONMENT | extra) as env:
        manage(env, "shell", "-v0", "-c", QUEUE.format(count=count))
        with running(env) as server:
            until(lambda: len(_finished(server)) == count, PATIENCE, "the end of the queue")
            times = sorted(_finished(server))[WARM_UP - 1 :]
    return 60 * (len(times) - 1) / (times[-1] - times[0]).total_seconds()


def _finished(server: Server) -> list[datetime]:
    """Return when soundscapes were finished, which SQLite answers as text."""
    return [datetime.fromisoformat(str(row[0])) for row in server.query(FINISHED)]


if __name__ == "__main__":
    main()
