"""Atomic storage of files."""

import errno
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from soundscapes.files.storage import WholeFileStorage, is_stored
from soundscapes.models import Export


class FillsTheDisk(ContentFile):
    """Content that fills the disk when half of it is written."""

    def chunks(self, chunk_size=None):
        yield b"half a sound"
        raise OSError(errno.ENOSPC, "No space left on device")


class Killed(ContentFile):
    """Content that lists the folder while it is written."""

    def __init__(self, content, folder):
        super().__init__(content)
        self.folder = folder
        self.seen = set()

    def chunks(self, chunk_size=None):
        yield b"half "
        self.seen = {path.name for path in self.folder.iterdir()}
        yield b"and half"


def test_a_full_disk_leaves_nothing_behind(stored):
    with pytest.raises(OSError, match="No space left"):
        default_storage.save("generations/1/sound.wav", FillsTheDisk(b"x"))
    assert stored() == set()


def test_a_file_gets_its_name_when_it_is_complete(tmp_path):
    storage = WholeFileStorage(tmp_path)
    content = Killed(b"x", tmp_path)
    assert storage.save("sound.wav", content) == "sound.wav"
    (seen,) = content.seen
    assert seen.startswith(".sound.wav-")
    assert seen.endswith(".part")
    assert [path.name for path in tmp_path.iterdir()] == ["sound.wav"]
    assert (tmp_path / "sound.wav").read_bytes() == b"half and half"


def test_an_existing_file_is_never_overwritten(tmp_path):
    storage = WholeFileStorage(tmp_path)
    names = [storage.save("a/sound.wav", ContentFile(data)) for data in (b"first", b"second")]
    assert names[0] == "a/sound.wav"
    assert [(tmp_path / name).read_bytes() for name in names] == [b"first", b"second"]


def test_file_permissions_follow_the_settings(settings):
    name = default_storage.save("sound.wav", ContentFile(b"x"))
    mode = stat.S_IMODE(Path(default_storage.path(name)).stat().st_mode)
    assert mode == settings.FILE_UPLOAD_PERMISSIONS


def test_an_upload_in_a_temporary_file_is_moved(tmp_path):
    storage, upload = WholeFileStorage(tmp_path / "media"), tmp_path / "upload"
    upload.write_bytes(b"as it came")
    with upload.open("rb") as file:
        content = File(file)
        content.temporary_file_path = lambda: str(upload)
        name = storage.save("sound.wav", content)
    assert (tmp_path / "media" / name).read_bytes() == b"as it came"
    assert not upload.exists()


def test_a_column_is_stored_if_its_file_exists():
    export = Export()
    assert not is_stored(export.file)
    export.file.save("", ContentFile(b"everything"), save=False)
    assert is_stored(export.file)
    default_storage.delete(export.file.name)
    assert not is_stored(export.file)
