"""What the queue calls: one service call each.

The primary keys say for which job a message was written; whose turn it is, is decided when it is
taken.
"""

from soundscapes.models import Heartbeat
from soundscapes.services import (
    chores,
    exports,
    file_notes,
    formats,
    idempotency,
    jobs,
    leaving,
    library,
    search,
    shares,
    turns,
    users,
)


def match_image(_pk: str) -> None:
    turns.take_turn()


def make_generation(_pk: str) -> None:
    turns.take_turn()


def encode_query(pk: int) -> None:
    search.encode_query(pk)


def make_rendition(pk: str) -> None:
    formats.make(pk)


def do_chore(pk: str) -> None:
    chores.do(pk)


def make_export(pk: str) -> None:
    exports.make(pk)


def remove_account(pk: int) -> None:
    leaving.remove(pk)


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
    jobs.release_orphans()
    file_notes.settle()
    chores.remove_abandoned()
    idempotency.forget_expired()
    library.purge()
    search.forget_old_queries()
    shares.forget_ended()
    exports.purge()
    leaving.resume()
    jobs.forget_silent_hosts()
