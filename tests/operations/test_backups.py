"""Backup and restore; tests/live/test_backups.py tests the commands with a server."""

import os
import sqlite3
import stat
from contextlib import closing

import pytest
from django.db import connection

from soundscapes.models import Image
from soundscapes.operations import backups
from tests import factories


def unheard(*_step: int) -> None:
    pass


@pytest.mark.django_db(transaction=True)
def test_a_second_backup_copies_only_new_files(settings, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own programs copy its rows")
    settings.DATA_DIR, folder = tmp_path / "data", tmp_path / "backup"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / backups.KEY).write_text("secret")
    settings.SECRET_KEY = "secret"
    image = factories.ImageFactory()
    (settings.MEDIA_ROOT / ".render-x").mkdir()
    (settings.MEDIA_ROOT / ".render-x" / "half.wav").write_bytes(b"half")
    steps = []
    assert backups.back_up(folder, lambda *step: steps.append(step)) == 2
    assert steps == [(1, 2), (2, 2)]
    assert (folder / backups.KEY).read_text() == "secret"
    copied = {
        p.relative_to(folder / backups.FILES).as_posix()
        for p in (folder / backups.FILES).rglob("*.*")
    }
    assert copied == {image.file.name, image.thumbnail.name}
    with closing(sqlite3.connect(folder / backups.SQLITE_ROWS)) as rows:
        assert rows.execute("SELECT count(*) FROM soundscapes_image").fetchone() == (1,)
    factories.ImageFactory()
    assert backups.back_up(folder, unheard) == 2
    assert backups.back_up(folder, unheard) == 0


@pytest.mark.django_db(transaction=True)
def test_a_backup_forgets_what_was_deleted_and_keeps_what_only_seems_lost(tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own programs copy its rows")
    deleted, kept = factories.ImageFactory(), factories.ImageFactory()
    backups.back_up(tmp_path / "backup", unheard)
    files = tmp_path / "backup" / backups.FILES
    names = [each.file.name for each in (deleted, kept)]
    assert all((files / name).exists() for name in names)
    deleted.delete()
    kept.file.storage.delete(kept.file.name)
    backups.back_up(tmp_path / "backup", unheard)
    assert [(files / name).exists() for name in names] == [False, True]


@pytest.mark.django_db
def test_restoring_a_folder_without_a_backup_changes_nothing(tmp_path, stored):
    image = factories.ImageFactory()
    before = stored()
    with pytest.raises(backups.BackupError, match="Name the folder of a backup"):
        backups.restore(tmp_path, unheard)
    assert Image.objects.get() == image
    assert stored() == before


@pytest.mark.parametrize("place", ["the data folder", "a folder below the media"])
def test_a_backup_into_the_application_s_own_folders_is_refused(settings, tmp_path, place):
    """In the data folder it would delete the key, below the media it would copy itself."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path / "data", tmp_path / "media"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / backups.KEY).write_text("secret")
    link = tmp_path / "link"
    link.symlink_to(settings.DATA_DIR)
    folder = link if place == "the data folder" else settings.MEDIA_ROOT / "backup"
    with pytest.raises(backups.BackupError, match="Name another folder"):
        backups.back_up(folder, unheard)
    assert [path.name for path in settings.DATA_DIR.iterdir()] == [backups.KEY]
    assert not settings.MEDIA_ROOT.exists()


@pytest.mark.parametrize("content", [b"", b"no database" * 100], ids=["empty", "other"])
@pytest.mark.django_db
def test_restoring_a_damaged_backup_changes_nothing(tmp_path, content):
    if connection.vendor != "sqlite":
        pytest.skip("pg_restore checks its own format")
    (tmp_path / backups.SQLITE_ROWS).write_bytes(content)
    image = factories.ImageFactory()
    with pytest.raises(backups.BackupError, match="is damaged or not a backup"):
        backups.restore(tmp_path, unheard)
    assert Image.objects.get() == image


@pytest.fixture
def backed_up(settings, tmp_path, monkeypatch):
    """Back up into a folder without the rows, which another test covers."""
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()
    for name in ("_copy_sqlite", "_restore_sqlite"):
        monkeypatch.setattr(backups, name, lambda rows: rows.touch())
    monkeypatch.setattr(backups, "_run_postgres", lambda *_options, **_file: None)
    folder = tmp_path / "backup"

    def back_up():
        count = backups.back_up(folder, unheard)
        (folder / backups.POSTGRES_ROWS).touch()
        return count

    back_up.folder = folder
    return back_up


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.django_db
def test_only_the_current_user_can_read_a_backup(settings, backed_up):
    settings.SECRET_KEY = "made here"
    (settings.DATA_DIR / backups.KEY).write_text("made here")
    factories.ImageFactory()
    backed_up.folder.mkdir(mode=0o755)
    (backed_up.folder / backups.SQLITE_ROWS).touch(mode=0o644)
    backed_up()
    for path in (backed_up.folder, *backed_up.folder.rglob("*")):
        expected = 0o700 if path.is_dir() else 0o600
        assert mode(path) == expected or path.name == backups.POSTGRES_ROWS, path


@pytest.mark.django_db
def test_a_changed_file_of_the_same_size_is_copied_again(settings, backed_up):
    image = factories.ImageFactory()
    assert backed_up() == 2
    path = settings.MEDIA_ROOT / image.file.name
    path.write_bytes(bytes(path.stat().st_size))
    os.utime(path, (1e9, 1e9))
    assert backed_up() == 1
    copy = backed_up.folder / backups.FILES / image.file.name
    assert copy.read_bytes() == path.read_bytes()


@pytest.mark.django_db
def test_an_unchanged_file_with_a_new_time_is_not_copied(settings, backed_up):
    image = factories.ImageFactory()
    backed_up()
    os.utime(settings.MEDIA_ROOT / image.file.name, (1e9, 1e9))
    assert backed_up() == 0


@pytest.mark.django_db
def test_a_key_from_the_environment_is_required_to_restore(settings, backed_up):
    settings.SECRET_KEY = "given"
    (settings.DATA_DIR / backups.KEY).write_text("made here, before one was given")
    backed_up()
    assert not backups.has_key(backed_up.folder)
    texts = [path.read_bytes() for path in backed_up.folder.rglob("*") if path.is_file()]
    assert not any(b"given" in text for text in texts)
    backups.restore(backed_up.folder, unheard)
    settings.SECRET_KEY = "another"
    with pytest.raises(backups.BackupError, match=r"not in the backup\. Set SECRET_KEY"):
        backups.restore(backed_up.folder, unheard)
    backups.restore(backed_up.folder, unheard, with_another_key=True)


@pytest.mark.django_db
def test_a_generated_key_is_restored_or_must_be_set(settings, backed_up):
    key = settings.DATA_DIR / backups.KEY
    settings.SECRET_KEY = "made here"
    key.write_text("made here")
    backed_up()
    settings.SECRET_KEY = "made there"
    key.write_text("made there")
    backups.restore(backed_up.folder, unheard)
    assert key.read_text() == "made here"
    assert mode(key) == 0o600
    settings.SECRET_KEY = "given there"
    with pytest.raises(backups.BackupError, match=r"which is in .*secret_key\. Set SECRET_KEY"):
        backups.restore(backed_up.folder, unheard)
