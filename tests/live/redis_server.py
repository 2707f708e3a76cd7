"""A Redis server for one test, if Redis is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import redis

from tests.components import require
from tests.live.server import free_port, until


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a server without persistence; yield its REDIS_URL."""
    program = shutil.which("redis-server")
    require(program, "Redis is not installed (Debian: apt install redis-server)")
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--loglevel", "warning"]
    with subprocess.Popen([str(program), *options], stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: _answers(url), 30, "the first response of Redis")
            yield url
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.ConnectionError:
        return False
