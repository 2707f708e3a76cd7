"""Metrics for Prometheus."""

from datetime import timedelta

import pytest
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from soundscapes.models import Generation, Heartbeat, State
from soundscapes.operations.exposition import exposition
from tests import factories

pytestmark = pytest.mark.django_db


def samples():
    """Parse as Prometheus does: value by name and labels."""
    families = text_string_to_metric_families(exposition().decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_jobs_are_counted_by_kind_and_state():
    factories.GenerationFactory.create_batch(2, ready=True)
    factories.GenerationFactory(state=State.FAILED)
    factories.WebhookDeliveryFactory()
    found = samples()
    for kind, state, count in (
        ("generation", "ready", 2),
        ("generation", "failed", 1),
        ("webhook", "failed", 1),
    ):
        assert found["soundscapes_jobs", ("kind", kind), ("state", state)] == count


def test_the_age_of_the_queue_is_that_of_its_oldest_job():
    factories.GenerationFactory.create_batch(2)
    queued_at = timezone.now() - timedelta(minutes=5)
    Generation.objects.filter(pk=Generation.objects.first().pk).update(queued_at=queued_at)
    assert 300 <= samples()["soundscapes_queue_age_seconds",] < 360


def test_durations_are_quantiles_of_stages():
    start = timezone.now()
    for seconds in (1, 2, 30):
        end = start + timedelta(seconds=seconds)
        factories.GenerationFactory(
            ready=True, queued_at=start, started_at=end, mixing_at=end, finished_at=end
        )
    found = samples()
    name, stage = "soundscapes_duration_seconds", ("stage", "waiting")
    assert found[name, ("quantile", "0.5"), stage] == 2
    assert found[name, ("quantile", "0.95"), stage] == 30


def test_silent_workers_do_not_count():
    now = timezone.now()
    Heartbeat.objects.create(host="one", beat_at=now)
    Heartbeat.objects.create(host="two", beat_at=now - timedelta(hours=1))
    found = samples()
    assert found["soundscapes_worker_machines",] == 1
    assert found["soundscapes_heartbeat_age_seconds", ("host", "two")] >= 3600


def test_files_and_rows_are_counted(owner, settings):
    generation = factories.GenerationFactory(owner=owner, ready=True)
    found = samples()
    assert found["soundscapes_storage_bytes", ("kind", "images")] == generation.image.size
    assert found["soundscapes_audio_cache_bytes",] == generation.size
    assert found["soundscapes_audio_cache_limit_bytes",] == settings.AUDIO_CACHE
    assert found["soundscapes_disk_free_bytes",] > 0
    assert found["soundscapes_soundscapes_stored",] == found["soundscapes_images_stored",] == 1
    assert found["soundscapes_accounts_stored",] == 1


def test_the_number_of_queries_does_not_grow(queries_of):
    exposition()
    first = queries_of(exposition)
    factories.GenerationFactory.create_batch(3, ready=True)
    factories.WebhookDeliveryFactory.create_batch(3)
    assert queries_of(exposition) <= first < 30
