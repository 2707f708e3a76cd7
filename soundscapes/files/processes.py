"""Process names from which other processes can see whether they still run."""

import os
import socket

import psutil


def own_name() -> str:
    return name_of(os.getpid())


def name_of(pid: int) -> str:
    """Return host, pid and start time, which no later process shares.

    The start time counts from boot, because the clock may be changed.
    """
    started = psutil.Process(pid).create_time() - psutil.boot_time()
    return f"{socket.gethostname()}/{pid}/{started:.2f}"


def is_dead(name: str) -> bool:
    """Return whether the process ran on this machine and has ended."""
    host, pid, _started = name.split("/")
    if host != socket.gethostname():
        return False
    try:
        return (
            name_of(int(pid)) != name or psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE
        )
    except psutil.NoSuchProcess:
        return True
