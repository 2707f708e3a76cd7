"""How much may wait for the workers. Beyond it new work is refused, and what was taken is done.

The bounds are looked at, not locked: requests at the same moment may pass them by as many as there
are. What is under way already comes back into the queue without being asked here.
"""

from __future__ import annotations

from django.conf import settings

from soundscapes.limits.quotas import LimitError
from soundscapes.models import User
from soundscapes.models.work import count_unfinished

RETRY_AFTER = 30  # seconds, in which two workers get some dozens of jobs done


class BacklogError(LimitError):
    """No more work is taken for now; `status` is 429 or 503."""

    status = 503
    retry_after = RETRY_AFTER


class OwnBacklogError(BacklogError):
    """One has as much waiting as anybody may have."""

    status = 429

    def __init__(self, count: int) -> None:
        super().__init__(
            f"You have {count:,} things waiting to be made, the most at a time. "
            "Try again when some of them are done."
        )


class FullQueueError(BacklogError):
    """The workers have more to do than they get done in reasonable time."""

    def __init__(self) -> None:
        super().__init__(
            "So many people are making soundscapes that the queue is full. Nothing is lost: "
            "try again in half a minute."
        )


def require_room(user: User) -> None:
    """Raises BacklogError where no more work of a user is taken for now."""
    own, everybody_s = count_unfinished(user)
    if own >= settings.QUEUE_PER_USER:
        raise OwnBacklogError(own)
    if everybody_s >= settings.QUEUE_LENGTH:
        raise FullQueueError
