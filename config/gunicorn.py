"""gunicorn settings; the command sets the address to bind to."""

import ctypes
import gc
from contextlib import suppress
from typing import Any

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of glibc's mallopt(3)

workers = 2
worker_class = "soundscapes.http.server.WebWorker"  # serves slow clients without a thread each
preload_app = True  # imported once: the first page comes sooner, and workers share its memory
threads = 8  # because the documented endpoints wait for the worker
raw_env = ["CONN_MAX_AGE=60"]  # closing SQLite's last connection checkpoints its log every time
graceful_timeout = 3
loglevel = "warning"


def post_worker_init(_worker: Any) -> None:
    """Return large buffers to the system at once.

    glibc would keep buffers of up to 32 MB in every arena, and hostile images would add up.
    """
    gc.freeze()  # objects that live forever need no collection after every upload
    with suppress(OSError, AttributeError):  # a C library other than glibc
        libc = ctypes.CDLL("libc.so.6")
        libc.mallopt(M_MMAP_THRESHOLD, 2**20)
        libc.mallopt(M_ARENA_MAX, 2)
