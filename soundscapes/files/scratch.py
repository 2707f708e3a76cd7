"""Working folders of the workers, next to the finished files."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.utils import timezone

PREFIX = ".render-"


@contextmanager
def working_folder() -> Iterator[Path]:
    """Yield a new folder that is deleted at the end, unless the process dies."""
    prefix = f"{_of_this_machine()}{os.getpid()}-"
    with tempfile.TemporaryDirectory(dir=settings.MEDIA_ROOT, prefix=prefix) as folder:
        yield Path(folder)


def remove_leftovers() -> None:
    mine = _of_this_machine()
    for folder in Path(settings.MEDIA_ROOT).glob(f"{mine}*"):
        pid, _, rest = folder.name.removeprefix(mine).partition("-")
        is_of_another = "-" in rest  # of a machine whose name begins with this one's name
        if not is_of_another and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def leftovers(least_age: timedelta) -> list[Path]:
    """Return the folders of all machines that have not been written to for `least_age`."""
    folders = Path(settings.MEDIA_ROOT).glob(f"{PREFIX}*")
    return [folder for folder in folders if age_of(folder) >= least_age]


def age_of(path: Path) -> timedelta:
    """Return how long ago a file or folder was written, or `timedelta.min` if it is gone."""
    try:
        written_at = path.stat().st_mtime
    except FileNotFoundError:
        return timedelta.min
    return timedelta(seconds=timezone.now().timestamp() - written_at)


def remove(path: Path) -> None:
    """Delete a file or a folder; a missing one is no error."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _of_this_machine() -> str:
    return f"{PREFIX}{socket.gethostname()}-"
