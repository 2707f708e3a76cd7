"""Where workers keep what they are making: folders of their own beside the finished files."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.utils import timezone

PREFIX = ".render-"


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


def leftovers(least_age: timedelta) -> list[Path]:
    """Folders, of whichever machine, that nobody has written to for so long."""
    latest = (timezone.now() - least_age).timestamp()
    folders = Path(settings.MEDIA_ROOT).glob(f"{PREFIX}*")
    return [folder for folder in folders if folder.stat().st_mtime <= latest]


def remove(path: Path) -> None:
    """A file, or a folder with all in it; one that is gone is no error."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _of_this_machine() -> str:
    return f"{PREFIX}{socket.gethostname()}-"
