"""Names for processes, by which others can tell later whether they are still there."""

from __future__ import annotations

import os
import socket

import psutil


def own_name() -> str:
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """Host, pid and start: a name that no later process gets again.

    The start counts from the machine's own, for the time of day would be another one once
    somebody has set the clock.
    """
    started = psutil.Process(pid).create_time() - psutil.boot_time()
    return f"{socket.gethostname()}/{pid}/{started:.2f}"


def is_dead(name: str) -> bool:
    """Whether it is the name of a process of this machine that is gone."""
    host, pid, _started = name.split("/")
    if host != socket.gethostname():
        return False
    try:
        return (
            name_of(int(pid)) != name or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return True
