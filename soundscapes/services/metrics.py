"""How well categories are found, and how the place is doing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage
from django.db.models import Avg, Count, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django_q.models import OrmQ

from soundscapes.models import Chore, Generation, Heartbeat, Image, ImageSet, Similarity, State
from soundscapes.models.jobs import JobQuerySet

USERS = "Pictures of users"
DAYS = 14
TIMED = 2000  # the latest soundscapes, whose times are looked at
DISK_SECONDS = 60  # for which a measurement of the disk holds
SORTABLE = ("category", "pictures", "average", "first", "second", "third")


@dataclass(frozen=True, slots=True)
class CategoryMetrics:
    """How one category fared in the pictures of a set."""

    category: str
    slug: str
    pictures: int
    average: float
    first: int
    second: int
    third: int


@dataclass(frozen=True, slots=True)
class SetMetrics:
    """All categories in the pictures of one set, or of all users (`key` None)."""

    key: int | None
    name: str
    rows: list[CategoryMetrics]

    def sorted_by(self, column: str, is_descending: bool) -> SetMetrics:
        """In the order of one of SORTABLE; equals by name."""
        rows = sorted(self.rows, key=lambda row: row.category)
        rows.sort(key=lambda row: getattr(row, column), reverse=is_descending)
        return SetMetrics(self.key, self.name, rows)


def encoders() -> list[tuple[str, str]]:
    """Slug and name of every encoder that has ranked a picture."""
    rows = Similarity.objects.order_by("encoder").values_list("encoder", "encoder_name")
    return list(dict(rows.distinct()).items())


def by_set(encoder: str) -> list[SetMetrics]:
    """Every set's metrics, by name, then those of users' pictures."""
    names = dict(ImageSet.objects.order_by("name").values_list("pk", "name"))
    found: dict[int | None, list[CategoryMetrics]] = {key: [] for key in (*names, None)}
    for key, *figures in _figures(encoder):
        found.setdefault(key, []).append(CategoryMetrics(*figures))
    return [
        SetMetrics(key, USERS if key is None else names.get(key, "—"), rows)
        for key, rows in found.items()
    ]


def _figures(encoder: str) -> Iterable[tuple[Any, ...]]:
    """A set's key, and the fields of CategoryMetrics."""
    return (
        Similarity.objects.filter(encoder=encoder)
        .order_by("category__label")
        .values("image__image_set", "category__label", "category__slug")
        .annotate(
            pictures=Count("pk"),
            average=Avg("score"),
            first=Count("pk", filter=Q(rank=1)),
            second=Count("pk", filter=Q(rank=2)),
            third=Count("pk", filter=Q(rank=3)),
        )
        .values_list(
            "image__image_set",
            "category__label",
            "category__slug",
            "pictures",
            "average",
            "first",
            "second",
            "third",
        )
    )


@dataclass(frozen=True, slots=True)
class Day:
    """What was asked for on a day, and what has become of it."""

    day: date
    total: int = 0
    ready: int = 0
    failed: int = 0
    cancelled: int = 0


def generations_per_day() -> list[Day]:
    """The last days, the latest first; quiet ones, too."""
    today = timezone.localdate()
    days = [today - timedelta(days=back) for back in range(DAYS)]
    rows = (
        Generation.objects.filter(created_at__date__gte=days[-1])
        .order_by()
        .values(day=TruncDate("created_at"))
        .annotate(
            total=Count("pk"),
            ready=Count("pk", filter=Q(state=State.READY)),
            failed=Count("pk", filter=Q(state=State.FAILED)),
            cancelled=Count("pk", filter=Q(state=State.CANCELLED)),
        )
    )
    found = {row["day"]: Day(**row) for row in rows}
    return [found.get(day, Day(day)) for day in days]


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage takes, in seconds: the median over so many."""

    stage: str
    seconds: float | None
    count: int


def stage_times() -> list[StageTime]:
    """The stages of the latest finished soundscapes."""
    rows = list(
        Generation.objects.finished()
        .order_by("-created_at")
        .values_list("queued_at", "started_at", "mixing_at", "finished_at")[:TIMED]
    )
    stages = {"Waiting": (0, 1), "Matching and planning": (1, 2), "Mixing": (2, 3), "All": (0, 3)}
    return [_stage_time(stage, rows, *columns) for stage, columns in stages.items()]


def _stage_time(
    stage: str, rows: Sequence[Sequence[datetime | None]], first: int, last: int
) -> StageTime:
    pairs = ((row[first], row[last]) for row in rows)
    took = [(end - start).total_seconds() for start, end in pairs if start and end]
    return StageTime(stage, median(took) if took else None, len(took))


@dataclass(frozen=True, slots=True)
class Health:
    """The queue, this machine's disk in bytes, and the bucket where files are in one."""

    queued_messages: int
    unfinished: dict[str, int]
    oldest: datetime | None
    beat_at: datetime | None
    used: dict[str, int]
    free: int
    bucket: str


def health() -> Health:
    unfinished: dict[str, JobQuerySet[Any]] = {
        "pictures": Image.objects.unfinished(),
        "soundscapes": Generation.objects.unfinished(),
        "administrators' work": Chore.objects.unfinished(),
    }
    oldest = [
        rows.order_by("queued_at").values_list("queued_at", flat=True).first()
        for rows in unfinished.values()
    ]
    return Health(
        queued_messages=OrmQ.objects.count(),
        unfinished={name: rows.count() for name, rows in unfinished.items()},
        oldest=min((each for each in oldest if each), default=None),
        beat_at=Heartbeat.objects.latest_beat(),
        used=disk_used(),
        free=shutil.disk_usage(settings.MEDIA_ROOT).free,
        bucket=getattr(default_storage, "bucket_name", ""),
    )


def disk_used() -> dict[str, int]:
    """Bytes in each folder of the media, and in the data folder; measured once a minute."""
    key = f"disk-used-{settings.MEDIA_ROOT}"
    known: dict[str, int] | None = cache.get(key)
    if known is None:
        root = Path(settings.MEDIA_ROOT)
        folders = sorted(each for each in root.iterdir() if each.is_dir()) if root.exists() else []
        known = {folder.name: _size(folder) for folder in folders if folder.name[0] != "."}
        known["data"] = _size(Path(settings.DATA_DIR))
        cache.set(key, known, DISK_SECONDS)
    return known


def _size(folder: Path) -> int:
    """Bytes of the files below a folder; one that vanishes meanwhile counts for nothing."""
    total = 0
    for path, _folders, names in os.walk(folder):
        for name in names:
            try:
                total += (Path(path) / name).lstat().st_size
            except OSError:
                continue
    return total
