"""Files of people who mean harm, or whose phone or disk does: the same ones every time.

Images, recordings and ZIPs, made from good ones with fixed seeds: mutations of every accepted
format and of PngSuite, its corruptions, truncations at every kilobyte, bombs, and polyglots. Some
mutations leave a good image; each must be accepted as a whole or rejected with a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

KILOBYTE = 1024


@dataclass(frozen=True)
class Hostile:
    """A file with the name it is sent under, and the kind that it counts as.

    `never` where nothing of it may ever be kept, `always` where an honest file is to be taken in.
    """

    name: str
    make: Callable[[], bytes]
    never: bool = False
    always: bool = False
    kind: str = "made by hand"


def mutated(bases: dict[str, bytes], count: int) -> Iterator[Hostile]:
    for name, data in bases.items():
        for seed in range(count):
            yield Hostile(
                f"mutated {seed} {name}",
                lambda data=data, seed=seed: mutate(data, seed),
                kind=f"mutated {name.rpartition('.')[2]}",
            )


def truncated(name: str, data: bytes, step: int = KILOBYTE) -> Iterator[Hostile]:
    for end in range(step, len(data), step):
        yield Hostile(
            f"cut at {end} {name}",
            lambda data=data, end=end: data[:end],
            kind=f"cut {name.rpartition('.')[2]}",
        )


def mutate(data: bytes, seed: int) -> bytes:
    """Break the file in one of several ways, at a position from the seed, more often early."""
    rng, broken = Random(f"{seed} {len(data)}"), bytearray(data)
    at = rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(400, len(data)))
    length = rng.choice((1, 4, 64, 1000))
    way = seed % 6
    if way == 0:
        broken[at] ^= 1 << rng.randrange(8)
    elif way == 1:
        for _ in range(rng.choice((2, 10, 100))):
            broken[rng.randrange(len(broken))] = rng.randrange(256)
    elif way == 2:
        broken[at : at + 4] = rng.choice(
            (b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f")
        )
    elif way == 3:
        del broken[at : at + length]
    elif way == 4:
        broken[at:at] = broken[at : at + length] * rng.choice((1, 20))
    else:
        broken[at : at + length] = rng.randbytes(length)
    return bytes(broken)
