"""Maintenance of every minute: heartbeat, recovery, and expiry."""

from soundscapes.accounts import deletion
from soundscapes.files import journal
from soundscapes.jobs import heartbeat, queue
from soundscapes.jobs.kinds import job_kinds
from soundscapes.limits import idempotency
from soundscapes.mixes import search, share_links
from soundscapes.models import Heartbeat


def run() -> None:
    """Called by django-q2's schedule, in a worker."""
    Heartbeat.objects.beat()
    queue.recover()
    journal.settle()
    for kind in job_kinds():
        if kind.purge:
            kind.purge()
    idempotency.forget_expired()
    search.forget_old_queries()
    share_links.forget_ended()
    deletion.resume()
    heartbeat.forget_silent_hosts()
