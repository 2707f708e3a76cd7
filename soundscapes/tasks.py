"""What the queue calls: a primary key in, one service call."""

from soundscapes.models import Heartbeat
from soundscapes.services import chores, jobs, matching, rendering


def match_image(pk: str) -> None:
    matching.match_queued(pk)


def make_generation(pk: str) -> None:
    rendering.make(pk)


def do_chore(pk: str) -> None:
    chores.do(pk)


def beat() -> None:
    """Every minute: a sign of life, and another look at work that nobody holds."""
    Heartbeat.objects.beat()
    jobs.release_orphans()
    chores.remove_abandoned()
