"""Bars for commands that take a while."""

from soundscapes.management.progress import ProgressBar


def test_a_bar_shows_its_title_and_how_far_it_is(capsys):
    with ProgressBar("Copying", "file") as progress:
        for done in range(3):
            progress(done, 2)
    shown = capsys.readouterr().err
    assert "Copying" in shown
    assert "2/2" in shown


def test_where_there_is_nothing_to_do_nothing_is_shown(capsys):
    with ProgressBar("Copying", "file") as progress:
        progress(0, 0)
    with ProgressBar("Copying", "file"):
        pass
    assert capsys.readouterr().err == ""
