"""Paths of data and media, set by the environment."""

import pytest

from soundscapes.engine import paths


@pytest.mark.parametrize(
    ("variable", "folder"), [("SOUNDSCAPES_DATA", paths.data_dir), ("MEDIA_ROOT", paths.media_dir)]
)
def test_a_folder_comes_from_the_environment_or_the_project(
    monkeypatch, tmp_path, variable, folder
):
    monkeypatch.setenv(variable, str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv(variable, "")
    default = folder()
    assert default.parent == paths.PROJECT
    monkeypatch.delenv(variable)
    assert folder() == default


def test_encoders_are_stored_with_the_data_and_the_bank_with_the_media(monkeypatch, tmp_path):
    monkeypatch.setenv("SOUNDSCAPES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEDIA_ROOT", str(tmp_path / "media"))
    assert paths.encoder_cache().parent == tmp_path / "data"
    assert paths.bank_dir().parent == tmp_path / "media"


def test_the_project_contains_its_settings():
    assert (paths.PROJECT / "manage.py").is_file()
