"""Names of output files, refused before any work is done."""

import pytest
from django.core.management.base import CommandError

from soundscapes.management.output_files import require_audio, require_writable


@pytest.mark.parametrize("name", ["out.wav", "out.WAV", "out.flac", "out.mix.Flac"])
def test_formats_that_are_written_are_accepted_in_any_case(tmp_path, name):
    require_audio(tmp_path / name)


@pytest.mark.parametrize("name", ["out.mp3", "out.ogg", "out.txt", "out", "-", ".wav"])
def test_other_formats_are_refused_with_the_ones_that_are_written(tmp_path, name):
    with pytest.raises(CommandError, match=r"ends in \.wav or \.flac"):
        require_audio(tmp_path / name)


@pytest.mark.parametrize("name", [".", "missing/out.wav"])
def test_a_folder_and_a_missing_folder_are_refused(tmp_path, name):
    with pytest.raises(CommandError, match="name a file in an existing folder"):
        require_writable(tmp_path / name)
