"""Preparation behind the first page: the clips of the bank and the encoder."""

import pytest

from soundscapes.engine.matching.text_vectors import TextVectors
from soundscapes.engine.sound.bank import variants
from soundscapes.engine.sound.plan import Plan
from soundscapes.generations import generations
from soundscapes.generations.players import playing
from soundscapes.images import images, matching
from soundscapes.imports import batch_runs, preparation_requests
from soundscapes.jobs import scheduler
from soundscapes.models import BatchJob, Category, Clip, State
from soundscapes.sounds import bank
from tests import sample_files
from tests.queue import work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def _unprepared(monkeypatch, settings, tmp_path):
    """An encoder whose descriptions are not encoded yet."""
    monkeypatch.setattr(matching, "_texts", lambda: TextVectors(tmp_path))
    monkeypatch.setattr(matching, "_prepared_mark", lambda: tmp_path / "prepared")
    monkeypatch.setattr(matching, "_lock", lambda: tmp_path / "lock")


def test_the_bank_is_made_category_by_category(small_bank):
    bank.import_built()
    preparation_requests.request_bank()
    assert work_off() == []
    job = BatchJob.objects.get()
    assert (job.state, job.progress) == (State.READY, 100)
    expected = [f"{variants(slug)} new clips" for slug in small_bank]
    assert [row["note"] for row in job.rows] == expected
    assert Clip.objects.count() == sum(map(variants, small_bank))


@pytest.mark.usefixtures("small_bank")
def test_players_find_the_clips_of_near_sounds_ready(settings, owner):
    bank.import_built()
    preparation_requests.request_bank()
    assert work_off() == []
    ready = set((settings.DATA_DIR / "clips").iterdir())
    image = images.upload_image(owner, sample_files.photo())
    made = generations.create_generation(owner, image)
    assert work_off() == []
    made.refresh_from_db()
    plan = Plan.from_json(made.plan)
    for layer in plan.layers:
        assert layer.distance == 0
        for event in layer.events:
            assert playing.layer_clip(made, layer.rank, event.clip, "ogg").path in ready


@pytest.mark.usefixtures("small_bank")
def test_an_interrupted_synthesis_continues(monkeypatch):
    monkeypatch.setattr(batch_runs, "SLICE", 0.0)  # yields after every category
    bank.import_built()
    preparation_requests.request_bank()
    assert work_off() == []
    assert BatchJob.objects.get().state == State.READY
    assert not Category.objects.awaiting_clips().exists()


@pytest.mark.usefixtures("_unprepared")
def test_the_encoder_is_prepared_with_progress(monkeypatch):
    seen = []

    def slow(report):
        report(1, 4)
        seen.append(BatchJob.objects.get().progress)

    monkeypatch.setattr(matching, "warm_up", slow)
    preparation_requests.request_encoder()
    assert work_off() == []
    assert seen == [24]
    job = BatchJob.objects.get()
    assert (job.state, job.progress) == (State.READY, 100)


@pytest.mark.once
@pytest.mark.usefixtures("_unprepared", "small_bank")
def test_all_texts_of_the_encoder_count_as_one_progress():
    bank.import_built()
    seen = []
    matching.prepare(lambda done, total: seen.append(done / total))
    assert seen == sorted(seen)
    assert seen.count(1.0) == 1


@pytest.mark.usefixtures("_unprepared")
def test_the_preparation_has_ended_when_the_soundscapes_that_waited_for_it_begin(
    monkeypatch, owner
):
    monkeypatch.setattr(scheduler, "HOST_TURN", 0.0)
    image = images.upload_image(owner, sample_files.photo())
    seen = []

    def prepare(report):
        matching.request_matching(image)
        report(1, 1)
        seen.append(BatchJob.objects.get().progress)

    monkeypatch.setattr(matching, "warm_up", prepare)
    monkeypatch.setattr(
        matching, "rank_image", lambda *_, **__: seen.append(BatchJob.objects.get().state)
    )
    preparation_requests.request_encoder()
    assert work_off() == []
    assert seen == [99, State.READY]


def test_a_soundscape_waits_only_for_its_own_clips_and_is_always_the_same(owner, small_bank):
    def made():
        soundscape = generations.create_generation(owner, image, duration=5, seed=7, layer_count=1)
        assert work_off() == []
        soundscape.refresh_from_db()
        assert soundscape.state == State.READY, soundscape.error
        return soundscape.audio_checksum

    bank.import_built()
    image = images.upload_image(owner, sample_files.photo())
    first = made()
    assert Clip.objects.count() == variants("crow")
    preparation_requests.request_bank()
    second = made()
    assert Clip.objects.count() == sum(map(variants, small_bank))
    assert second == first
