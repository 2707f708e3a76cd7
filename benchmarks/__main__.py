"""The quick benchmarks of `make bench`, which take some minutes, and the names of the long ones."""

from __future__ import annotations

from time import monotonic

from benchmarks import api, end_to_end, loudness, machine, mixing, queueing, throughput

QUICK = (
    (end_to_end.main, ("--photos", "10")),
    (queueing.main, ("--tasks", "15")),
    (throughput.main, ("--soundscapes", "60")),
    (mixing.main, ("--rounds", "3", "--quick")),
    (loudness.main, ("--plans", "25")),
    (api.main, ("--seconds", "1.5", "--clients", "20", "--pile", "30")),
)
LONG = (
    *("encoding", "matching", "recognisability", "two_sample", "loudness", "mixing", "studio"),
    *("api", "load", "streams", "listening"),
    *("beds", "masking", "memory", "sizing", "copies", "faults", "attacks", "hostile"),
)


def main() -> None:
    begun = monotonic()
    print(f"{machine.described()}\n")
    for benchmark, arguments in QUICK:
        benchmark(arguments)
        print(flush=True)
    print(f"{(monotonic() - begun) / 60:.1f} minutes. Longer ones, by name:")
    for name in LONG:
        print(f"  python -m benchmarks.{name}")


if __name__ == "__main__":
    main()
