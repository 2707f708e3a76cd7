"""CLIP's weights arrive while the offline encoder answers, and then CLIP takes over."""

import pytest

from soundscapes.engine.matching.clip import weights as sources
from soundscapes.images import matching, weights
from soundscapes.imports import batch_runs, weights_download, weights_requests
from soundscapes.models import BatchJob, State
from tests import factories
from tests.clip_files import save_tiny_clip
from tests.engine.file_server import Server, serving, use_as_hub
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return save_tiny_clip(tmp_path_factory.mktemp("tiny")).read_bytes()


@pytest.fixture
def hub(monkeypatch, settings, tmp_path, content):
    settings.ENCODER, settings.CLIP_WEIGHTS, settings.ENCODER_CACHE = "auto", "", tmp_path
    monkeypatch.setattr(weights_download, "PARTS", 4)
    matching._texts.cache_clear()
    with serving(Server(content)) as server:
        use_as_hub(monkeypatch, server.url, tmp_path / "hub")
        monkeypatch.setattr(sources, "_OPENAI", server.url)
        yield server
    matching._texts.cache_clear()
    matching._load.cache_clear()


@pytest.mark.usefixtures("hub")
def test_clip_takes_over_when_the_download_ends():
    factories.category_named("dog")
    assert matching.current_encoder().slug.startswith("offline")
    assert "in the background" in weights_requests.request()
    assert weights.download_in_progress() is not None
    assert work_off() == []
    job = BatchJob.objects.get()
    assert job.state == State.READY, job.error
    assert [row["name"] for row in job.rows] == ["25 %", "50 %", "75 %", "100 %", "Descriptions"]
    assert matching.encoder().slug == "clip-look-1-vit-b-32"
    assert matching.is_prepared()
    assert weights.download_in_progress() is None
    assert weights_requests.request() == ""


@pytest.mark.usefixtures("hub")
def test_it_is_queued_once():
    weights_requests.request()
    weights_requests.request()
    assert BatchJob.objects.count() == 1


def test_an_interrupted_download_continues_after_its_last_part(hub, monkeypatch):
    monkeypatch.setattr(batch_runs, "SLICE", 0.0)  # yields after every part
    weights_requests.request()
    assert work_off() == []
    assert BatchJob.objects.get().state == State.READY
    assert sum(start > 0 for start in hub.ranges) >= 3


def test_a_failure_says_why_and_is_not_repeated_for_a_day(hub):
    hub.gone = ("/",)
    weights_requests.request()
    assert len(work_off()) == 1
    job = BatchJob.objects.get()
    assert job.state == State.FAILED
    assert "404" in job.error
    assert "could not be downloaded" in weights_requests.request()
    BatchJob.objects.update(created_at=job.created_at - weights_requests.PAUSE)
    assert "in the background" in weights_requests.request()
    assert BatchJob.objects.count() == 2


@pytest.mark.usefixtures("hub")
def test_one_setting_switches_it_off(settings):
    settings.FETCH_WEIGHTS = False
    assert weights_requests.request() == ""
    assert not BatchJob.objects.exists()
