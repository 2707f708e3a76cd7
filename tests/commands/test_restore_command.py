"""manage.py restore into an empty installation."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.db import connection

from soundscapes.operations import backups
from tests import factories


@pytest.mark.django_db(transaction=True)
def test_rows_and_files_are_restored_into_an_empty_installation(settings, tmp_path, stored):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own programs copy its rows")
    backup, data, media = (tmp_path / name for name in ("backup", "data", "media"))
    settings.DATA_DIR = data
    data.mkdir()
    (data / backups.KEY).write_text(settings.SECRET_KEY)
    image = factories.ImageFactory()
    assert backups.back_up(backup, lambda *_step: None) == 2
    env = {
        **{name: value for name, value in os.environ.items() if name != "S3_BUCKET"},
        "DATABASE_URL": f"sqlite:///{data / 'db.sqlite3'}",
        "SOUNDSCAPES_DATA": str(data),
        "MEDIA_ROOT": str(media),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "restore", str(backup)],
        cwd=project.BASE_DIR,
        env=env,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "Restored the database and 2 files" in done.stdout
    put_back = {str(path.relative_to(media)) for path in media.rglob("*") if path.is_file()}
    assert put_back == stored()
    with closing(sqlite3.connect(data / "db.sqlite3")) as rows:
        assert rows.execute("SELECT file FROM soundscapes_image").fetchall() == [(image.file.name,)]


@pytest.mark.django_db
def test_a_folder_without_a_backup_is_refused(tmp_path):
    with pytest.raises(CommandError, match="Name the folder of a backup"):
        call_command("restore", tmp_path)
