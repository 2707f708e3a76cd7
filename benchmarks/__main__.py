"""All benchmarks of `make bench`, one after the other."""

from __future__ import annotations

import os
import platform

from benchmarks import (
    api,
    encoding,
    end_to_end,
    load,
    loudness,
    matching,
    mixing,
    queueing,
    recognisability,
    studio,
)


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
    for benchmark in (
        end_to_end,
        queueing,
        encoding,
        matching,
        mixing,
        loudness,
        recognisability,
        api,
        studio,
    ):
        benchmark.main([])
        print()
    load.main(["--seconds", "60"])


if __name__ == "__main__":
    main()
