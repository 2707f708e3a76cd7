"""Where workers keep what they are making: folders of their own beside the finished files."""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path

import psutil
from django.conf import settings


def prefix() -> str:
    """How the name of a folder of this process begins."""
    return f"{_of_this_machine()}{os.getpid()}-"


def remove_leftovers() -> None:
    """Delete what this machine's workers that were killed had half made."""
    mine = _of_this_machine()
    for folder in Path(settings.MEDIA_ROOT).glob(f"{mine}*"):
        pid = folder.name.removeprefix(mine).partition("-")[0]
        if not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _of_this_machine() -> str:
    return f".render-{socket.gethostname()}-"
