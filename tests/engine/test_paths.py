"""Folders of data and media, from the environment."""

import pytest

from soundscapes.engine import paths


@pytest.mark.parametrize(
    ("variable", "folder"), [("SOUNDSCAPES_DATA", paths.data_dir), ("MEDIA_ROOT", paths.media_dir)]
)
def test_a_folder_is_the_one_of_the_environment_or_one_in_the_project(
    monkeypatch, tmp_path, variable, folder
):
    monkeypatch.setenv(variable, str(tmp_path))
    assert folder() == tmp_path
    monkeypatch.setenv(variable, "")
    default = folder()
    assert default.parent == paths.PROJECT
    monkeypatch.delenv(variable)
    assert folder() == default


def test_the_encoders_are_kept_with_the_data_and_the_bank_with_the_media(monkeypatch, tmp_path):
    monkeypatch.setenv("SOUNDSCAPES_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("MEDIA_ROOT", str(tmp_path / "media"))
    assert paths.encoder_cache().parent == tmp_path / "data"
    assert paths.bank_dir().parent == tmp_path / "media"


def test_the_project_is_the_folder_of_its_settings():
    assert (paths.PROJECT / "manage.py").is_file()
