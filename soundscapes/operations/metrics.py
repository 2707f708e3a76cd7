"""Metrics of categories and of the service."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Avg, Case, Count, IntegerField, Min, Q, QuerySet, Sum, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from soundscapes.jobs.kinds import job_kinds
from soundscapes.models import Export, Generation, Heartbeat, Image, ImageSet, Rendition, Similarity
from soundscapes.models.categories import CategoryQuerySet
from soundscapes.models.jobs import FINAL_STATES

LATEST = 2000  # images of users and soundscapes that are evaluated: a million take too long
USERS = f"Images of users (the latest {LATEST})"
DAYS = 14
STORAGE_CACHE_SECONDS = 60  # for the sums of all files' sizes
PLACES = ("first", "second", "third")
SORTABLE = ("category", "images", "average", *PLACES)


@dataclass(frozen=True, slots=True)
class CategoryMetrics:
    category: str
    slug: str
    images: int
    average: float
    first: int
    second: int
    third: int


@dataclass(frozen=True, slots=True)
class SetMetrics:
    """All categories in the images of one set, or of all users if `key` is None."""

    key: int | None
    name: str
    rows: list[CategoryMetrics]

    def sorted_by(self, column: str, is_descending: bool) -> SetMetrics:
        """Return a copy sorted by one of SORTABLE, then by name."""
        rows = sorted(self.rows, key=lambda row: row.category)
        rows.sort(key=lambda row: getattr(row, column), reverse=is_descending)
        return SetMetrics(self.key, self.name, rows)


def encoders() -> list[tuple[str, str]]:
    """Return the slug and name of each encoder that has ranked an image, sorted by slug."""
    found: dict[str, str] = {}
    for rows in _similarities():
        best = rows.filter(rank=1).order_by("encoder")
        found |= dict(best.values_list("encoder", "encoder_name").distinct())
    return sorted(found.items())


def by_set(encoder: str) -> list[SetMetrics]:
    """Return the metrics of every set, sorted by name, then those of users' images."""
    names = dict(ImageSet.objects.order_by("name").values_list("pk", "name"))
    found: dict[int | None, list[CategoryMetrics]] = {key: [] for key in (*names, None)}
    for rows in _similarities():
        for key, *figures in _figures(rows.filter(encoder=encoder)):
            found.setdefault(key, []).append(CategoryMetrics(*figures))
    return [
        SetMetrics(key, USERS if key is None else names.get(key, "—"), rows)
        for key, rows in found.items()
    ]


def with_rank_counts(categories: CategoryQuerySet, encoder: str) -> CategoryQuerySet:
    counts: dict[str, Counter[str]] = {place: Counter() for place in PLACES}
    for metrics in by_set(encoder):
        for row in metrics.rows:
            for place, count in counts.items():
                count[row.slug] += getattr(row, place)
    return categories.annotate(
        **{
            f"{place}_count": Case(
                *(When(slug=slug, then=Value(number)) for slug, number in count.items()),
                default=Value(0),
                output_field=IntegerField(),
            )
            for place, count in counts.items()
        }
    )


def _similarities() -> list[QuerySet[Similarity]]:
    """Return the similarities of images in sets, and of the latest images of users."""
    of_sets = Image.objects.of_sets().order_by()
    of_users = Image.objects.filter(image_set=None).order_by("-created_at")[:LATEST]
    return [Similarity.objects.filter(image__in=each.values("pk")) for each in (of_sets, of_users)]


def _figures(rows: QuerySet[Similarity]) -> Iterable[tuple[Any, ...]]:
    group = ("image__image_set", "category__label", "category__slug")
    places = {place: Count("pk", filter=Q(rank=rank)) for rank, place in enumerate(PLACES, start=1)}
    figures: Iterable[tuple[Any, ...]] = (
        rows.order_by("category__label")
        .values(*group)
        .annotate(images=Count("pk"), average=Avg("score"), **places)
        .values_list(*group, "images", "average", *places)
    )
    return figures


@dataclass(frozen=True, slots=True)
class Day:
    day: date
    total: int = 0
    ready: int = 0
    failed: int = 0
    cancelled: int = 0


def generations_per_day() -> list[Day]:
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    midnight = timezone.make_aware(datetime.combine(days[-1], time.min))
    rows = (
        Generation.objects.filter(created_at__gte=midnight)
        .order_by()
        .values(day=TruncDate("created_at"))
        .annotate(
            total=Count("pk"),
            **{state.value: Count("pk", filter=Q(state=state)) for state in FINAL_STATES},
        )
    )
    found = {row["day"]: Day(**row) for row in rows}
    return [found.get(day, Day(day)) for day in days]


@dataclass(frozen=True, slots=True)
class StageTime:
    """The median seconds of a stage over `count` soundscapes, and their 95th percentile."""

    stage: str
    seconds: float | None
    slow: float | None
    count: int


def stage_times() -> list[StageTime]:
    rows = list(
        Generation.objects.finished()
        .order_by("-created_at")
        .values_list("queued_at", "started_at", "mixing_at", "finished_at")[:LATEST]
    )
    stages = {"Waiting": (0, 1), "Matching and planning": (1, 2), "Mixing": (2, 3), "All": (0, 3)}
    return [_stage_time(stage, rows, *columns) for stage, columns in stages.items()]


def _stage_time(
    stage: str, rows: Sequence[Sequence[datetime | None]], first: int, last: int
) -> StageTime:
    pairs = ((row[first], row[last]) for row in rows)
    took = sorted((end - start).total_seconds() for start, end in pairs if start and end)
    if not took:
        return StageTime(stage, None, None, 0)
    return StageTime(stage, median(took), took[int(0.95 * len(took))], len(took))


@dataclass(frozen=True, slots=True)
class Health:
    """Queue figures, bytes used per kind of file, and free bytes on the local disk.

    `bucket` is empty for local storage.
    """

    unfinished: dict[str, int]
    oldest: datetime | None
    beat_at: datetime | None
    troubles: dict[str, str]
    used: dict[str, int]
    free: int
    bucket: str


def health() -> Health:
    rows = [
        kind.jobs.unfinished().aggregate(count=Count("pk"), oldest=Min("queued_at"))
        for kind in job_kinds()
    ]
    return Health(
        unfinished={kind.label: row["count"] for kind, row in zip(job_kinds(), rows, strict=True)},
        oldest=min((row["oldest"] for row in rows if row["oldest"]), default=None),
        beat_at=Heartbeat.objects.latest_beat(),
        troubles=Heartbeat.objects.troubles(),
        used=storage_used(),
        free=shutil.disk_usage(settings.MEDIA_ROOT).free,
        bucket=getattr(default_storage, "bucket_name", ""),
    )


def storage_used() -> dict[str, int]:
    """Return the bytes per kind of file, summed over the rows and cached for a minute."""
    known: dict[str, int] | None = cache.get("storage-used")
    if known is None:
        kinds: dict[str, QuerySet[Any]] = {
            "Images": Image.objects.all(),
            "Soundscapes": Generation.objects.using_storage(),
            "Other formats": Rendition.objects.finished(),
            "Exports": Export.objects.finished(),
        }
        known = {
            name: rows.order_by().aggregate(total=Sum("size"))["total"] or 0
            for name, rows in kinds.items()
        }
        cache.set("storage-used", known, STORAGE_CACHE_SECONDS)
    return known
