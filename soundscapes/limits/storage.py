"""Storage limits of accounts.

Sizes are stored in rows, so a check costs one query. Unfinished work counts with its expected size,
so that concurrent requests cannot exceed the limit.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import BigIntegerField, F, OuterRef, QuerySet, Subquery, Sum
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from soundscapes.engine.sound.samples import SAMPLE_RATE
from soundscapes.limits.errors import LimitError
from soundscapes.models import Clip, Generation, Image, Rendition, User

BYTES_A_SECOND = 3 * SAMPLE_RATE  # 16 bits, stereo, as FLAC: 0.3 to 0.9 of the samples' bytes
OVERHEAD = 20_000  # bytes of the headers
CONVERTED = F("generation__duration") * BYTES_A_SECOND
"""The expected bytes of an unfinished conversion."""


class StorageFullError(LimitError):
    def __init__(self, usage: Usage, growth: str) -> None:
        super().__init__(
            f"You do not have enough storage left: {in_words(usage.used)} of "
            f"{in_words(usage.limit)} are in use. Delete soundscapes that you no longer need, or "
            f"make a shorter one.{growth}"
        )


class DiskFullError(LimitError):
    status = 503
    retry_after = 600

    def __init__(self) -> None:
        super().__init__(
            "The server's disk is nearly full, so it accepts no new files. Try again later, or "
            "contact the administrator."
        )


@dataclass(frozen=True, slots=True)
class Usage:
    """Used and allowed bytes of an account."""

    used: int
    limit: int

    @property
    def percent(self) -> int:
        return min(100, round(100 * self.used / max(1, self.limit)))  # new accounts may get none


def usage(user: User) -> Usage:
    """Return what a user's images, soundscapes and recordings use, without deleted ones."""
    mine = Generation.objects.owned_by(OuterRef("pk")).using_storage()  # type: ignore[arg-type]
    whole = _sum(Image.objects.filter(owner=OuterRef("pk"))) + _sum(mine)
    whole += _sum(Clip.objects.filter(owner=OuterRef("pk")))
    whole += _sum(
        Rendition.objects.unfinished().charged_to(OuterRef("pk")),  # type: ignore[arg-type]
        "generation__owner",
        CONVERTED,
    )
    used = User.objects.annotate(used=whole).values_list("used", flat=True).get(pk=user.pk)
    return Usage(int(used), user.allowance.storage)


def _sum(rows: QuerySet[Any], owner: str = "owner", size: str | Combinable = "size") -> Coalesce:
    total = rows.order_by().values(owner).annotate(total=Sum(size)).values("total")
    return Coalesce(Subquery(total, output_field=BigIntegerField()), 0)


def expected_size(duration: int) -> int:
    """Estimate the bytes of a soundscape of `duration` seconds, or of one of its layers."""
    return OVERHEAD + duration * BYTES_A_SECOND


def check_storage(user: User, size: int) -> None:
    """Raise StorageFullError if `size` more bytes exceed the user's limit."""
    if not size:
        return
    current = usage(user)
    if current.used + size > current.limit:
        raise StorageFullError(current, user.allowance.growth)


def check_disk(size: int) -> None:
    """Raise DiskFullError if `size` more bytes would leave less than the reserve.

    Files in a bucket take no space on this machine's disk.
    """
    try:
        folder = default_storage.path("")
    except NotImplementedError:
        return
    if shutil.disk_usage(folder).free - size < settings.DISK_RESERVE:
        raise DiskFullError


def reserve(user: User, size: int) -> None:
    """Lock the user until the transaction ends, then check as `check_storage` does."""
    User.lock(pk=user.pk)
    check_storage(user, size)


def in_words(size: int) -> str:
    """Format as 734 kB, 12 MB or 1.5 GB, in decimal units."""
    for unit, name in ((10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size / 1000:.0f} kB"
