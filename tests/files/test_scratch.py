"""Working folders of the workers."""

import os
import socket
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from soundscapes.files import scratch


def test_a_working_folder_is_next_to_the_files_and_deleted_at_the_end(settings):
    with scratch.working_folder() as folder:
        assert folder.parent == Path(settings.MEDIA_ROOT)
        assert folder.name.startswith(f".render-{socket.gethostname()}-{os.getpid()}-")
        (folder / "soundscape.wav").write_bytes(b"a sound")
    assert not folder.exists()


def test_the_folder_of_a_living_worker_is_left_alone(settings):
    busy = Path(settings.MEDIA_ROOT) / f".render-{socket.gethostname()}-{os.getpid()}-x"
    busy.mkdir()
    scratch.remove_leftovers()
    assert busy.exists()


def test_the_folder_of_a_dead_worker_is_deleted(settings, idle_process):
    idle_process.kill()
    idle_process.wait()
    folder = Path(settings.MEDIA_ROOT) / f".render-{socket.gethostname()}-{idle_process.pid}-x"
    folder.mkdir()
    (folder / "soundscape.wav").write_bytes(b"half a sound")
    scratch.remove_leftovers()
    assert not folder.exists()


def test_only_old_folders_are_leftovers(settings):
    new, old = (Path(settings.MEDIA_ROOT) / f".render-another-machine-{n}-x" for n in (1, 2))
    for folder in (new, old):
        folder.mkdir()
    then = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(old, (then, then))
    assert scratch.leftovers(timedelta(hours=1)) == [old]
    scratch.remove(old)
    scratch.remove(old)  # a missing folder is no error
    assert not old.exists()


@pytest.mark.parametrize("name", ["worker-2-{}-x", "worker-blue-{}-x"])
def test_a_folder_of_a_machine_whose_name_begins_alike_is_left_alone(settings, monkeypatch, name):
    monkeypatch.setattr(socket, "gethostname", lambda: "worker")
    busy = Path(settings.MEDIA_ROOT) / f".render-{name.format(os.getpid())}"
    busy.mkdir()
    monkeypatch.setattr(psutil, "pid_exists", lambda _pid: False)
    scratch.remove_leftovers()
    assert busy.exists()
