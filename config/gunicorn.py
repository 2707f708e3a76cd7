"""How gunicorn serves the application, whoever starts it; the address comes with the command."""

import ctypes
from typing import Any

M_MMAP_THRESHOLD, M_ARENA_MAX = -3, -8  # of glibc's mallopt(3)

workers = 2
threads = 8  # because the documented endpoints wait for the worker
raw_env = ["CONN_MAX_AGE=60"]  # closing SQLite's last connection writes its log back, every time
# Longer than browsers and proxies leave a connection idle: who closes it first may do so just as
# the other sends a request, which then fails.
keepalive = 75
limit_request_line = 8190
graceful_timeout = 3
loglevel = "warning"


def post_worker_init(_worker: Any) -> None:
    """Have large buffers given back as soon as they are free, where the C library is glibc.

    It would keep those of one photo, up to 32 MB each and for each of its arenas, for the next
    ones: what hostile photos make of a process would stay, and add up.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(M_MMAP_THRESHOLD, 2**20)
    mallopt(M_ARENA_MAX, 2)
