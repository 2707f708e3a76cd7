"""Runs a command with a PostgreSQL and a Redis server in its environment.

python -m tests.live.servers make test
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.live.postgres import postgres
from tests.live.redis_server import redis_server


def main(command: list[str]) -> int:
    with postgres() as database, redis_server() as cache:
        named = {"DATABASE_URL": database, "REDIS_URL": cache}
        return subprocess.run(command, env=os.environ | named, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
