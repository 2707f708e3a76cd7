"""Metrics in the text format of Prometheus, read from the rows at each request."""

import shutil
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Count, Sum
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from soundscapes.jobs import heartbeat, queue
from soundscapes.jobs.kinds import job_kinds
from soundscapes.models import Generation, Heartbeat, Image, User
from soundscapes.operations import metrics

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


def exposition() -> bytes:
    """Return all metrics. Raises DatabaseError."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Rows())
    return generate_latest(registry)


class _Rows(Collector):
    def describe(self) -> list[GaugeMetricFamily]:
        """Return nothing, so that registering reads no rows."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _jobs()
        yield _durations()
        yield from _workers()
        yield from _files()
        yield from _counts()


def _jobs() -> Iterator[GaugeMetricFamily]:
    jobs = GaugeMetricFamily(
        "soundscapes_jobs",
        "Jobs that are stored, finished ones included.",
        labels=("kind", "state"),
    )
    for kind in job_kinds():
        states = kind.jobs.order_by().values_list("state").annotate(Count("pk"))
        for state, count in states:
            jobs.add_metric((kind.name, state), count)
    yield jobs
    yield GaugeMetricFamily(
        "soundscapes_queue_age_seconds",
        "How long the oldest waiting job has waited.",
        queue.longest_wait(),
    )


def _durations() -> GaugeMetricFamily:
    found = GaugeMetricFamily(
        "soundscapes_duration_seconds",
        f"Time of each stage of the latest {metrics.LATEST} soundscapes.",
        labels=("stage", "quantile"),
    )
    for time in metrics.stage_times():
        stage = time.stage.lower().replace(" ", "_")
        for quantile, seconds in (("0.5", time.seconds), ("0.95", time.slow)):
            if seconds is not None:
                found.add_metric((stage, quantile), seconds)
    return found


def _workers() -> Iterator[GaugeMetricFamily]:
    now, beats = timezone.now(), Heartbeat.objects.order_by("host").values_list("host", "beat_at")
    ages = {host: max(0.0, (now - beat).total_seconds()) for host, beat in beats}
    heartbeats = GaugeMetricFamily(
        "soundscapes_heartbeat_age_seconds",
        "Time since the last heartbeat of a machine's workers.",
        labels=("host",),
    )
    for host, age in ages.items():
        heartbeats.add_metric((host,), age)
    yield heartbeats
    running = sum(age < heartbeat.SILENCE for age in ages.values())
    yield GaugeMetricFamily(
        "soundscapes_worker_machines", "Machines whose workers are running.", running
    )


def _files() -> Iterator[GaugeMetricFamily]:
    storage = GaugeMetricFamily(
        "soundscapes_storage_bytes", "Size of the files of a kind.", labels=("kind",)
    )
    for kind, size in metrics.storage_used().items():
        storage.add_metric((kind.lower().replace(" ", "_"),), size)
    yield storage
    cached = Generation.objects.with_audio().aggregate(total=Sum("size"))["total"] or 0
    yield GaugeMetricFamily("soundscapes_audio_cache_bytes", "Size of the cached audio.", cached)
    yield GaugeMetricFamily(
        "soundscapes_audio_cache_limit_bytes",
        "Size beyond which the audio that was used longest ago is deleted.",
        settings.AUDIO_CACHE,
    )
    yield GaugeMetricFamily(
        "soundscapes_disk_free_bytes",
        "Free space of the disk with the files.",
        shutil.disk_usage(settings.MEDIA_ROOT).free,
    )


def _counts() -> Iterator[GaugeMetricFamily]:
    for name, rows in (
        ("soundscapes", Generation.objects.filter(deleted_at=None)),
        ("images", Image.objects.all()),
        ("accounts", User.objects.filter(is_active=True, guest_until=None)),
    ):
        count = rows.order_by().count()
        yield GaugeMetricFamily(f"soundscapes_{name}_stored", f"Number of {name}.", count)
