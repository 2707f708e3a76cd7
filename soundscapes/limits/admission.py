"""Admission of new work within all limits.

An account's limits hold for concurrent requests, too: admission locks the account until the
transaction ends that creates the work. The length of the whole queue is checked without a lock, for
one request too many harms nobody. Admitted work is completed and recovers without new admission.
"""

from django.conf import settings
from django.db import transaction

from soundscapes.jobs.kinds import Backlog, count_unfinished
from soundscapes.limits import quotas, storage
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import User
from soundscapes.models.users import Allowance

RETRY_AFTER = 30  # seconds, in which two workers get some dozens of jobs done
SPARED = 0.2
"""The share of the queue that is kept for who has nothing waiting."""


class BacklogError(LimitError):
    """No more work is accepted for now; `status` is 429 or 503."""

    status = 503
    retry_after = RETRY_AFTER


class OwnBacklogError(BacklogError):
    status = 429

    def __init__(self, count: int, allowance: Allowance) -> None:
        super().__init__(
            f"You have {count:,} things waiting to be made, the most at a time. "
            f"Try again when some of them are done.{allowance.growth}"
        )


class FullQueueError(BacklogError):
    def __init__(self) -> None:
        super().__init__(
            "So many people are making soundscapes that the queue is full. Nothing is lost: "
            "try again in half a minute."
        )


class TooLongError(LimitError):
    """More seconds than the account may ask for."""

    def __init__(self, allowance: Allowance) -> None:
        super().__init__(
            f"Your soundscapes may be {allowance.duration_in_words} long at most. "
            f"Ask for a shorter one.{allowance.growth}"
        )


def admit(user: User, *charged: Kind, size: int = 0, temporary: int = 0, duration: int = 0) -> None:
    """Admit a request, which may need several jobs, and charge its quotas.

    Create the work in the same transaction. Where files are written in between, admit it once more,
    without charging, in the transaction that creates the rows. `size` is the storage it is expected
    to add, in bytes, `temporary` what it takes of the disk besides, and `duration` the seconds of
    sound it renders. Raises LimitError, having charged nothing, for a full backlog, storage, disk
    or quota, and for too long a soundscape.
    """
    if duration > user.allowance.duration:
        raise TooLongError(user.allowance)
    with transaction.atomic():
        User.lock(pk=user.pk)
        backlog = count_unfinished(user)
        _check_backlog(user, backlog)
        storage.check_room(user, size)
        storage.check_disk(size + temporary + backlog.growth)
        quotas.check(user, *charged)
        for kind in charged:
            quotas.charge(user, kind)


def _check_backlog(user: User, backlog: Backlog) -> None:
    if backlog.own >= user.allowance.jobs:
        raise OwnBacklogError(backlog.own, user.allowance)
    spared = round(SPARED * settings.QUEUE_LENGTH) if backlog.own else 0
    if backlog.everybody_s >= settings.QUEUE_LENGTH - spared:
        raise FullQueueError
