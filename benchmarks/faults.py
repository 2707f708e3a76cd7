"""Jobs while processes die, disks fill up and servers vanish; on SQLite and on PostgreSQL.

Runs the real server and cluster. It kills processes a hundred times during two hundred
soundscapes. Then it tries a full disk, missing clips, a lost database, jobs that kill their
workers, and a clock that is set back. tests/live/test_faults.py runs each fault once.

    python -m benchmarks.faults [--kills 100] [--generations 200] [--database sqlite]
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from functools import partial

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from tests.live.faults import FAULTS, NEEDING_A_DISK, kills  # noqa: E402 - factories need settings
from tests.live.sites import HEADER, Site, may_mount, site  # noqa: E402

DATABASES = ("sqlite", "postgresql")
ROOM = 15  # MB for each soundscape


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--generations", type=int, default=200)
    parser.add_argument("--database", choices=DATABASES, action="append")
    options = parser.parse_args(arguments)
    storm = partial(kills, times=options.kills, generations=options.generations)
    for database in options.database or DATABASES:
        print(f"{database:<26}{HEADER}")
        with site(database, disk=900 + ROOM * options.generations) as started:
            for fault in FAULTS:
                name = fault.__name__.replace("_", " ")
                if fault in NEEDING_A_DISK and not may_mount():
                    print(f"{name:<26} skipped: needs the privilege to mount a disk")
                elif fault is kills:
                    _show(started, f"{options.kills} kills", storm)
                else:
                    _show(started, name, fault)
        print()


def _show(started: Site, name: str, fault: Callable[[Site], None]) -> None:
    try:
        fault(started)
        print(f"{name:<26}{started.count().row()}", flush=True)
    except AssertionError as error:
        print(f"{name:<26} failed: {error}", flush=True)


if __name__ == "__main__":
    main()
