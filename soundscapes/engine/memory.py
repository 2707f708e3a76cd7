"""Memory that Python and the C library keep although nothing uses it."""

import ctypes
import gc
from contextlib import suppress

GLIBC = "libc.so.6"
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8  # of glibc's mallopt(3)


def return_large_buffers(least: int, kept: int = 128 * 2**10) -> None:
    """Return buffers of at least so many bytes, 32 MB at most, to the system when they are freed.

    Without a fixed size glibc would keep buffers of up to 32 MB in every arena, and images and
    sounds of all sizes would add up. But what is returned is cleared page by page when it is
    needed again: with 1 MB, that was a third of a rendering. For the same reason, a process that
    returns free memory itself keeps more than glibc's 128 kB at the end of each arena: `kept`.
    """
    with suppress(OSError, AttributeError):  # a C library other than glibc
        libc = ctypes.CDLL(GLIBC)
        libc.mallopt(M_MMAP_THRESHOLD, least)
        libc.mallopt(M_TRIM_THRESHOLD, kept)
        libc.mallopt(M_ARENA_MAX, 2)


def return_free_memory() -> None:
    """Free objects in reference cycles, then return what lies free between buffers in use.

    It takes milliseconds if the objects that live for ever are frozen.
    """
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(GLIBC).malloc_trim(0)
