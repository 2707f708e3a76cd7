"""Health of each component, in messages that reveal nothing confidential."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from math import isinf
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import Error as DatabaseError

from soundscapes.files.storage import PROBE_FOLDER
from soundscapes.jobs import heartbeat, queue
from soundscapes.models import Heartbeat

logger = logging.getLogger(__name__)

PROBE_BYTES = 2**16  # a full disk may still have space for a smaller file
FRESH = 2.0  # seconds
UNREACHABLE = ("queue", "workers", "devices")
UNKNOWN = "Unknown while the database is unavailable."


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    is_well: bool
    words: str


def look() -> list[Part]:
    return [*_database_queue_and_workers(), _storage()]


def _database_queue_and_workers() -> list[Part]:
    try:
        age, silence = queue.longest_wait(), heartbeat.silence()
        has_failed = bool(Heartbeat.objects.troubles())
    except DatabaseError as error:
        logger.warning("The database is not responding: %s", error)
        away = Part("database", is_well=False, words="It is not responding.")
        return [away, *(Part(name, is_well=False, words=UNKNOWN) for name in UNREACHABLE)]
    database = Part("database", is_well=True, words="It is responding.")
    return [database, _queue(age), _workers(silence), _devices(has_failed=has_failed)]


def _queue(age: float) -> Part:
    if not age:
        return Part("queue", is_well=True, words="No jobs are waiting.")
    words = f"The oldest job has been waiting for {age:.0f} s."
    return Part("queue", age <= settings.QUEUE_PATIENCE, words)


def _workers(silence: float) -> Part:
    if isinf(silence):
        return Part("workers", is_well=False, words="No heartbeat has ever been received.")
    words = f"The last heartbeat was {max(0, silence):.0f} s ago."
    return Part("workers", silence < heartbeat.SILENCE, words)


def _devices(*, has_failed: bool) -> Part:
    """Report a failed GPU. CLIP falls back to the CPU: slower, but the service is ready."""
    words = "A GPU has failed. CLIP runs on the CPU." if has_failed else "No GPU has failed."
    return Part("devices", is_well=True, words=words)


def _storage() -> Part:
    return _storage_at(int(monotonic() // FRESH))


@lru_cache(maxsize=1)
def _storage_at(_moment: int) -> Part:
    """Test at most once per `FRESH`, however many probes arrive."""
    name = f"{PROBE_FOLDER}/{uuid4().hex}"
    try:
        default_storage.delete(default_storage.save(name, ContentFile(bytes(PROBE_BYTES))))
    except Exception as error:  # noqa: BLE001 - every storage backend has its own errors
        logger.warning("The storage does not accept files: %s", error)
        return Part("storage", is_well=False, words="It does not accept new files.")
    return Part("storage", is_well=True, words="It accepts new files.")
