"""A stored file is there as a whole, or not at all."""

import errno
import stat
from pathlib import Path

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from soundscapes.files.storage import WholeFileStorage, is_stored
from soundscapes.models import Export


class FillsTheDisk(ContentFile):
    """Half of it is written, and then there is no room."""

    def chunks(self, chunk_size=None):
        yield b"half a sound"
        raise OSError(errno.ENOSPC, "No space left on device")


class Killed(ContentFile):
    """Looks at what lies in the folder in the midst of being written."""

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


def test_the_name_is_taken_when_the_file_is_complete(tmp_path):
    storage = WholeFileStorage(tmp_path)
    content = Killed(b"x", tmp_path)
    assert storage.save("sound.wav", content) == "sound.wav"
    (seen,) = content.seen
    assert seen.startswith(".sound.wav-")
    assert seen.endswith(".part")
    assert [path.name for path in tmp_path.iterdir()] == ["sound.wav"]
    assert (tmp_path / "sound.wav").read_bytes() == b"half and half"


def test_another_file_of_the_name_is_never_overwritten(tmp_path):
    storage = WholeFileStorage(tmp_path)
    names = [storage.save("a/sound.wav", ContentFile(data)) for data in (b"first", b"second")]
    assert names[0] == "a/sound.wav"
    assert [(tmp_path / name).read_bytes() for name in names] == [b"first", b"second"]


def test_files_are_readable_by_whom_the_settings_say(settings):
    name = default_storage.save("sound.wav", ContentFile(b"x"))
    mode = stat.S_IMODE(Path(default_storage.path(name)).stat().st_mode)
    assert mode == settings.FILE_UPLOAD_PERMISSIONS


def test_an_upload_that_lies_in_a_file_already_is_moved(tmp_path):
    storage, upload = WholeFileStorage(tmp_path / "media"), tmp_path / "upload"
    upload.write_bytes(b"as it came")
    with upload.open("rb") as file:
        content = File(file)
        content.temporary_file_path = lambda: str(upload)
        name = storage.save("sound.wav", content)
    assert (tmp_path / "media" / name).read_bytes() == b"as it came"
    assert not upload.exists()


def test_a_column_is_stored_if_it_names_a_file_that_is_there():
    export = Export()
    assert not is_stored(export.file)
    export.file.save("", ContentFile(b"everything"), save=False)
    assert is_stored(export.file)
    default_storage.delete(export.file.name)
    assert not is_stored(export.file)
