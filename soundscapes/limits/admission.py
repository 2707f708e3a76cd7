"""Admission of new work within all limits.

An account's limits also hold for concurrent requests: admission locks the account until the end of
the transaction that creates the work. The length of the whole queue is checked without a lock,
because one request too many does no harm. Admitted work is recovered without a new admission.
"""

from django.conf import settings
from django.db import transaction

from soundscapes.jobs.kinds import Backlog, count_unfinished
from soundscapes.limits import quotas, storage
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import User
from soundscapes.models.users import Allowance

RETRY_AFTER = 30  # seconds, in which two workers finish dozens of jobs
RESERVED_SHARE = 0.2
"""Share of the queue that is reserved for users without unfinished jobs."""


class BacklogError(LimitError):
    """The queue accepts no more work for now; `status` is 429 or 503."""

    status = 503
    retry_after = RETRY_AFTER


class OwnBacklogError(BacklogError):
    status = 429

    def __init__(self, count: int, allowance: Allowance) -> None:
        super().__init__(
            f"You have {count:,} unfinished job{'' if count == 1 else 's'}, which is the maximum. "
            f"Try again when some of them have finished.{allowance.growth}"
        )


class FullQueueError(BacklogError):
    def __init__(self) -> None:
        super().__init__(
            "The queue is full because many soundscapes are being made. Try again in half a minute."
        )


class TooLongError(LimitError):
    """The soundscape is longer than the account allows."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"Your soundscapes can be at most {allowance.duration_in_words} long. "
            f"Choose a shorter duration.{allowance.growth}"
        )


def admit(user: User, *charged: Kind, size: int = 0, temporary: int = 0, duration: int = 0) -> None:
    """Admit a request, which may need several jobs, and charge its quotas.

    Create the work in the same transaction. If files are written in between, call this again
    without `charged` in the transaction that creates the rows. `size` is the expected growth of the
    account's storage in bytes, `temporary` the additional disk space in bytes, and `duration` the
    length of the soundscape in seconds.

    Raises LimitError, having charged nothing, if the backlog, storage, disk or quota is exhausted
    or the soundscape is too long.
    """
    if duration > user.allowance.duration:
        raise TooLongError(user.allowance)
    with transaction.atomic():
        User.lock(pk=user.pk)
        backlog = count_unfinished(user)
        _check_backlog(user, backlog)
        storage.check_storage(user, size)
        storage.check_disk(size + temporary + backlog.growth)
        quotas.check(user, *charged)
        for kind in charged:
            quotas.charge(user, kind)


def _check_backlog(user: User, backlog: Backlog) -> None:
    if backlog.own >= user.allowance.jobs:
        raise OwnBacklogError(backlog.own, user.allowance)
    reserved = round(RESERVED_SHARE * settings.QUEUE_LENGTH) if backlog.own else 0
    if backlog.total >= settings.QUEUE_LENGTH - reserved:
        raise FullQueueError
