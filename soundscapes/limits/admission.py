"""Admission of new work within all limits.

An account's limits hold for concurrent requests, too: admission locks the account until the
transaction ends that creates the work. The length of the whole queue is checked without a lock, for
one request too many harms nobody. Admitted work is completed and recovers without new admission.
"""

from django.conf import settings
from django.db import transaction

from soundscapes.jobs.kinds import count_unfinished
from soundscapes.limits import quotas, storage
from soundscapes.limits.errors import LimitError
from soundscapes.limits.quotas import Kind
from soundscapes.models import User

RETRY_AFTER = 30  # seconds, in which two workers get some dozens of jobs done


class BacklogError(LimitError):
    """No more work is accepted for now; `status` is 429 or 503."""

    status = 503
    retry_after = RETRY_AFTER


class OwnBacklogError(BacklogError):
    status = 429

    def __init__(self, count: int) -> None:
        super().__init__(
            f"You have {count:,} things waiting to be made, the most at a time. "
            "Try again when some of them are done."
        )


class FullQueueError(BacklogError):
    def __init__(self) -> None:
        super().__init__(
            "So many people are making soundscapes that the queue is full. Nothing is lost: "
            "try again in half a minute."
        )


def admit(user: User, *charged: Kind, size: int = 0) -> None:
    """Admit a request, which may need several jobs, and charge its quotas.

    Create the work in the same transaction. Where files are written in between, admit it once more,
    without charging, in the transaction that creates the rows. `size` is the storage it is expected
    to add, in bytes. Raises LimitError, having charged nothing, for a full backlog, storage or
    quota.
    """
    with transaction.atomic():
        User.lock(pk=user.pk)
        _check_backlog(user)
        storage.check_room(user, size)
        quotas.check(user, *charged)
        for kind in charged:
            quotas.charge(user, kind)


def _check_backlog(user: User) -> None:
    own, everybody_s = count_unfinished(user)
    if own >= settings.QUEUE_PER_USER:
        raise OwnBacklogError(own)
    if everybody_s >= settings.QUEUE_LENGTH:
        raise FullQueueError
