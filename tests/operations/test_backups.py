"""Backup and restore; through the commands, with a server, in tests/live/test_backups.py."""

import sqlite3
from contextlib import closing

import pytest
from django.db import connection

from soundscapes.models import Image
from soundscapes.operations import backups
from tests import factories


def unheard(*_step: int) -> None:
    pass


@pytest.mark.django_db(transaction=True)
def test_rows_files_and_the_key_are_copied_and_a_second_time_only_what_is_new(settings, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own programs copy its rows")
    settings.DATA_DIR, folder = tmp_path / "data", tmp_path / "backup"
    settings.DATA_DIR.mkdir()
    (settings.DATA_DIR / backups.KEY).write_text("secret")
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


@pytest.mark.django_db
def test_a_folder_that_holds_no_backup_changes_nothing(tmp_path, stored):
    image = factories.ImageFactory()
    before = stored()
    with pytest.raises(backups.BackupError, match="Name the folder of a backup"):
        backups.restore(tmp_path, unheard)
    assert Image.objects.get() == image
    assert stored() == before
