"""Return of freed memory by the C library."""

import ctypes
from contextlib import suppress

GLIBC = "libc.so.6"
M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of glibc's mallopt(3)
LARGE = 2**20  # bytes


def return_large_buffers() -> None:
    """Return large buffers to the system when they are freed.

    glibc would keep buffers of up to 32 MB in every arena, and images and sounds of all sizes would
    add up.
    """
    with suppress(OSError, AttributeError):  # a C library other than glibc
        libc = ctypes.CDLL(GLIBC)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)
        libc.mallopt(M_ARENA_MAX, 2)


def return_free_memory() -> None:
    """Return what lies free between the small buffers that are in use; takes milliseconds."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(GLIBC).malloc_trim(0)
