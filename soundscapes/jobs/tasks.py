"""What the queue calls: one service call each.

The primary keys say for which job a message was written; whose turn it is, is decided when it is
taken.
"""

from soundscapes.accounts import deletion, exports, users
from soundscapes.files import journal
from soundscapes.imports import batch_jobs
from soundscapes.jobs import queue, scheduler
from soundscapes.limits import idempotency
from soundscapes.mixes import library, search, share_links, transcoding
from soundscapes.models import Heartbeat


def match_image(_pk: str) -> None:
    scheduler.take_turn()


def make_generation(_pk: str) -> None:
    scheduler.take_turn()


def encode_query(pk: int) -> None:
    search.encode_query(pk)


def make_rendition(pk: str) -> None:
    transcoding.make(pk)


def run_batch_job(pk: str) -> None:
    batch_jobs.do(pk)


def make_export(pk: str) -> None:
    exports.make(pk)


def remove_account(pk: int) -> None:
    deletion.remove(pk)


def send_password_reset(email: str, host: str, is_secure: bool) -> None:
    users.send_password_reset(email, host, is_secure)


def send_email_notice(old_email: str, username: str) -> None:
    users.send_email_notice(old_email, username)


def give_sign() -> None:
    """A machine's answer to whoever watches over its workers."""
    Heartbeat.objects.beat()


def beat() -> None:
    """Every minute: a sign of life, work that nobody holds, and what is to be gone for good."""
    Heartbeat.objects.beat()
    queue.release_orphans()
    journal.settle()
    batch_jobs.remove_abandoned()
    idempotency.forget_expired()
    library.purge()
    search.forget_old_queries()
    share_links.forget_ended()
    exports.purge()
    deletion.resume()
    queue.forget_silent_hosts()
