"""Import of ESC-50."""

import functools
import io
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import soundfile
from django.core.management import CommandError, call_command

from soundscapes.engine.esc50 import open_release, words_of
from soundscapes.engine.matching.matcher import Match
from soundscapes.engine.modes import CALM
from soundscapes.generations.composition import compose
from soundscapes.models import Category, Clip, Image, State
from soundscapes.sounds import catalogue
from soundscapes.sounds.esc50 import ReleaseImport
from tests import factories
from tests.releases import small_release

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _categories():
    catalogue.import_catalogue()


@pytest.fixture
def release():
    return small_release()


def run(source, **options) -> str:
    shown = io.StringIO()
    call_command("import_esc50", str(source), stdout=shown, **options)
    return shown.getvalue()


def test_padding_is_skipped_but_stays_in_the_file(release, tmp_path):
    run(release.folder(tmp_path))
    for clip in Clip.objects.all():
        assert clip.words == words_of(clip.title) != ""
        assert clip.start == pytest.approx(1.0, abs=0.02)
        assert clip.duration == pytest.approx(1.5, abs=0.04)
        samples, rate = soundfile.read(clip.file.path)
        assert len(samples) / rate == 5.0
        plan = plan_of(clip.category)
        for event in plan.layers[0].events:
            begin, end = event.offset, event.offset + event.duration * event.rate
            assert clip.start <= begin < end <= clip.start + clip.duration + 1e-3


def plan_of(category):
    match = Match(category.slug, score=0.5, rank=1, position=0.0, prompt="what one sees")
    return compose([match], duration=20, seed=1, layer_count=1, mode=CALM).plan


def test_a_second_import_keeps_administrators_changes(release, tmp_path, stored):
    folder = release.folder(tmp_path)
    run(folder)
    Clip.objects.filter(category__slug="dog").update(is_enabled=False, title="Rex")
    before = list(Clip.objects.order_by("pk").values()), stored()
    assert "0 new, 3 already known" in run(folder)
    assert (list(Clip.objects.order_by("pk").values()), stored()) == before


def test_two_imports_at_the_same_time_store_every_recording_once(release, tmp_path, stored):
    with open_release(release.folder(tmp_path)) as opened:
        one, other = (ReleaseImport(opened, esc10_only=False) for _ in range(2))
        assert [one.take(number) for number in range(len(one))] == [True] * 3
        before = stored()
        assert [other.take(number) for number in range(len(other))] == [False] * 3
    assert stored() == before
    assert Clip.objects.count() == 3


def test_a_lost_file_is_restored(release, tmp_path):
    folder = release.folder(tmp_path)
    run(folder)
    clip = Clip.objects.first()
    path = Path(clip.file.path)
    data = path.read_bytes()
    path.unlink()
    run(folder)
    clip.refresh_from_db()
    assert clip.file.read() == data


def test_images_are_ranked_again_with_the_categories_that_get_recordings(release, tmp_path):
    Category.objects.update(sources=Category.Sources.RECORDINGS)
    factories.ImageFactory(state=State.READY)
    run(release.folder(tmp_path))
    assert Image.objects.get().state == State.NEW


def test_an_interrupted_import_is_completed_by_the_next(release, tmp_path):
    folder = release.folder(tmp_path)
    late = release.rows[-1]["filename"]
    (folder / "audio" / late).rename(tmp_path / "later.wav")
    assert f"{late}: the file is missing" in run(folder)
    (tmp_path / "later.wav").rename(folder / "audio" / late)
    assert "1 new, 2 already known" in run(folder)


@pytest.fixture
def server(tmp_path):
    """Run a plain web server for a folder, without ranges or checksums."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        yield folder, f"http://127.0.0.1:{http.server_port}"
        http.shutdown()


def test_a_release_is_downloaded_once(release, server, settings, tmp_path):
    settings.DATA_DIR = tmp_path / "data"
    folder, url = server
    served = release.zip(folder / "esc50.zip")
    shown = run(f"{url}/esc50.zip")
    assert "3 new" in shown
    served.unlink()
    assert "0 new, 3 already known" in run(f"{url}/esc50.zip")


@pytest.mark.parametrize("harm", ["another kind", "half", "changed"])
def test_an_invalid_zip_is_not_kept(release, server, settings, tmp_path, harm):
    settings.DATA_DIR = tmp_path / "data"
    folder, url = server
    served = release.zip(folder / "esc50.zip")
    data = served.read_bytes()
    middle = len(data) // 2
    served.write_bytes(
        {
            "another kind": b"Sign in to go on.",
            "half": data[:middle],
            "changed": data[:middle] + bytes(999) + data[middle + 999 :],
        }[harm]
    )
    with pytest.raises(CommandError, match="incomplete or not of the expected kind"):
        run(f"{url}/esc50.zip")
    assert not [path for path in settings.DATA_DIR.rglob("*") if path.is_file()]
