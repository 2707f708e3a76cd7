"""Matching images with categories."""

import pytest

from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.text_vectors import TextVectors
from soundscapes.images import images, matching
from soundscapes.jobs import queue
from soundscapes.models import Embedding, Heartbeat, Similarity, State
from tests import factories, sample_files
from tests.queue import waiting, work_off

pytestmark = pytest.mark.django_db


@pytest.mark.usefixtures("sounds")
def test_matching_ranks_every_offered_category(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    matching.request_matching(image)
    assert waiting() == [(queue.TASK,)]
    assert work_off() == []
    image.refresh_from_db()
    assert (image.state, image.progress, image.attempts) == (State.READY, 100, 1)
    rows = list(Similarity.objects.filter(image=image).order_by("rank"))
    assert {row.category for row in rows} == {clip.category for clip in sounds}
    assert [row.rank for row in rows] == list(range(1, len(sounds) + 1))
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)
    assert all(row.encoder_name and row.reason for row in rows)


@pytest.mark.usefixtures("sounds")
def test_matching_again_uses_the_current_categories(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    matching.rank_image(image)
    sounds[0].delete()
    added = factories.ClipFactory(category=factories.category_named("train")).category
    matching.rank_image(image)
    ranked = {row.category for row in Similarity.objects.filter(image=image)}
    assert ranked == {clip.category for clip in sounds[1:]} | {added}


@pytest.mark.usefixtures("sounds")
def test_only_a_changed_description_is_encoded(owner, tmp_path, monkeypatch):
    cache, encode, asked = TextVectors(tmp_path), OfflineEncoder.encode_texts, []

    def watched(encoder, texts):
        asked.append(list(texts))
        return encode(encoder, texts)

    monkeypatch.setattr(matching, "_texts", lambda: cache)
    image = images.upload_image(owner, sample_files.photo())
    matching.rank_image(image)
    seen = Embedding.objects.values().get()
    dog = factories.category_named("dog")
    dog.prompts = [*dog.prompts[:3], "a whippet in the hall"]
    dog.save()
    with monkeypatch.context() as patch:
        patch.setattr(OfflineEncoder, "encode_texts", watched)
        patch.setattr(OfflineEncoder, "encode_photos", lambda *_: pytest.fail("seen again"))
        matching.rank_image(image)
    assert asked == [["a whippet in the hall"]]
    assert Similarity.objects.get(category=dog).prompt in ["", *dog.prompts]
    assert Embedding.objects.values().get() == seen


@pytest.mark.usefixtures("sounds")
def test_an_image_ranked_by_another_encoder_is_matched_on_request(owner):
    image = images.upload_image(owner, sample_files.photo())
    matching.request_matching(image)
    assert work_off() == []
    image.refresh_from_db()
    matching.request_matching(image)
    assert waiting() == []
    Similarity.objects.update(encoder="an older one")
    matching.request_matching(image)
    assert waiting() == [(queue.TASK,)]
    assert work_off() == []
    assert Similarity.objects.filter(encoder=matching.current_encoder().slug).exists()


@pytest.mark.usefixtures("sounds")
def test_a_failing_device_is_noted_with_the_workers_heartbeat(owner, monkeypatch):
    image = images.upload_image(owner, sample_files.photo())
    Heartbeat.objects.beat()
    matching.rank_image(image)
    assert Heartbeat.objects.troubles() == {}
    monkeypatch.setattr(matching.encoder(), "trouble", "cuda failed", raising=False)
    Embedding.objects.all().delete()
    matching.rank_image(image)
    assert list(Heartbeat.objects.troubles().values()) == ["cuda failed"]


def test_a_failed_matching_is_retried_on_request(owner, sounds):
    image = images.upload_image(owner, sample_files.photo())
    stored_bytes = sample_files.photo()
    image.file.storage.delete(image.file.name)
    matching.request_matching(image)
    work_off()
    image.refresh_from_db()
    assert image.state == State.FAILED
    assert "Upload the image again" in image.error
    image = images.upload_image(owner, stored_bytes)
    matching.request_matching(image)
    assert work_off() == []
    image.refresh_from_db()
    assert (image.state, image.error) == (State.READY, "")
