"""What the queue calls: a primary key in, one service call."""

from soundscapes.models import Heartbeat
from soundscapes.services import idempotency, jobs, library, matching, rendering, search


def match_image(pk: str) -> None:
    matching.match_queued(pk)


def make_generation(pk: str) -> None:
    rendering.make(pk)


def encode_query(pk: int) -> None:
    search.encode_query(pk)


def beat() -> None:
    """Every minute: a sign of life, work that nobody holds, and what is to be gone for good."""
    Heartbeat.objects.beat()
    jobs.release_orphans()
    idempotency.forget_expired()
    library.purge()
    search.forget_old_queries()
