"""Output of manage.py backup; tests/operations/test_backups.py tests the copies."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests import factories


@pytest.mark.django_db(transaction=True)
def test_the_command_reports_the_number_of_new_files(settings, tmp_path):
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL's own programs copy its rows")
    settings.DATA_DIR = tmp_path
    factories.ImageFactory()
    for count in (2, 0):
        shown = io.StringIO()
        call_command("backup", tmp_path / "backup", stdout=shown)
        assert f"and {count} new files" in shown.getvalue()
        assert "SECRET_KEY is not in the backup" in shown.getvalue()


def test_a_folder_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CommandError, match=f"Cannot write to {tmp_path / 'file' / 'backup'}"):
        call_command("backup", tmp_path / "file" / "backup")
