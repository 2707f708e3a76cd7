"""Progress bars of management commands."""

from soundscapes.management.progress import ProgressBar


def test_a_bar_shows_its_title_and_progress(capsys):
    with ProgressBar("Copying", "file") as progress:
        for done in range(3):
            progress(done, 2)
    shown = capsys.readouterr().err
    assert "Copying" in shown
    assert "2/2" in shown


def test_no_bar_is_shown_without_work(capsys):
    with ProgressBar("Copying", "file") as progress:
        progress(0, 0)
    with ProgressBar("Copying", "file"):
        pass
    assert capsys.readouterr().err == ""
