"""Account deletion.

The request locks the account. A worker then deletes its rows and files in batches, because ten
thousand soundscapes take longer than a request may last. An interrupted deletion resumes at a
later heartbeat.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.auth.hashers import make_password
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from soundscapes.engine.errors import EngineError
from soundscapes.jobs.kinds import listed_kinds
from soundscapes.limits import storage
from soundscapes.models import (
    ApiToken,
    Clip,
    Export,
    Feed,
    Generation,
    Heartbeat,
    IdempotencyRecord,
    Image,
    ShareLink,
    Stream,
    User,
    Webhook,
)
from soundscapes.sounds import own_recordings

TIME_LIMIT = 3600  # seconds, for ten thousand soundscapes
BATCH = 50  # rows in one transaction
STALLED_AFTER = timedelta(minutes=5)
CANCELLED = "The account was deleted."


class LastAdministratorError(EngineError):
    """The change would leave the site without an administrator."""

    def __init__(self) -> None:
        super().__init__(
            "This would leave the site without an administrator. Make another active user a "
            "superuser in the admin first."
        )


@dataclass(frozen=True, slots=True)
class AccountData:
    images: int
    soundscapes: int
    recordings: int
    favourites: int
    links: int
    streams: int
    feeds: int
    tokens: int
    webhooks: int
    size: int
    log_entries: int


def account_data(user: User) -> AccountData:
    mine = Generation.objects.owned_by(user)
    return AccountData(
        images=user.images.count(),
        soundscapes=mine.count(),
        recordings=user.recordings.count(),
        favourites=mine.favourites().count(),
        links=ShareLink.objects.owned_by(user).count(),
        streams=Stream.objects.filter(owner=user).count(),
        feeds=Feed.objects.filter(owner=user).count(),
        tokens=user.auth_token_set.count(),
        webhooks=Webhook.objects.filter(owner=user).count(),
        size=storage.usage(user).used,
        log_entries=LogEntry.objects.filter(user=user).count(),
    )


def leave(user: User) -> None:
    """Lock an account permanently and queue its deletion. Raises LastAdministratorError."""
    with transaction.atomic():
        require_other_administrator([user.pk])
        User.objects.filter(pk=user.pk).update(
            username=f"deleted-{uuid4().hex[:12]}",
            email="",
            first_name="",
            last_name="",
            password=make_password(None),
            is_active=False,
            is_staff=False,
            is_superuser=False,
            deletion_requested_at=timezone.now(),
        )
        ApiToken.objects.filter(user=user).delete()
        Feed.objects.filter(owner=user).delete()
        Stream.objects.filter(owner=user).delete()
        Webhook.objects.filter(owner=user).delete()
        for identity in (EmailAddress, SocialAccount, Authenticator, UserSession):
            identity.objects.filter(user=user).delete()
        _cancel_work(user)
        _send(user.pk)


def require_other_administrator(deleted: Collection[int]) -> None:
    """Raise LastAdministratorError if `deleted` includes every administrator.

    Lock their accounts in the same transaction: of two concurrent deletions, the second one waits
    and then fails.
    """
    with transaction.atomic():
        administrators = {user.pk for user in User.lock(is_superuser=True, is_active=True)}
    if administrators and administrators <= set(deleted):
        raise LastAdministratorError


def _cancel_work(user: User) -> None:
    for kind in listed_kinds():
        theirs = kind.jobs.filter(**{kind.owner: user}).unfinished()
        for pk in theirs.values_list("pk", flat=True):
            kind.jobs.cancel(pk, CANCELLED)


def _send(pk: int) -> None:
    async_task("soundscapes.accounts.deletion.remove", pk, timeout=TIME_LIMIT)


def resume() -> None:
    for user in User.objects.filter(deletion_requested_at__lt=timezone.now() - STALLED_AFTER):
        with transaction.atomic():
            User.objects.filter(pk=user.pk).update(deletion_requested_at=timezone.now())
            _send(user.pk)


def remove(pk: int) -> None:
    """Delete a locked account with its data. Runs in the worker; safe to repeat.

    A user with entries in the admin log keeps an empty account, as their author.
    """
    user = User.objects.exclude(deletion_requested_at=None).filter(pk=pk).first()
    if user is None:
        return
    _delete_sessions(user)
    for rows in (
        Export.objects.filter(owner=user),
        Generation.objects.filter(owner=user),
        Image.objects.filter(owner=user),
        Clip.objects.filter(owner=user),
        IdempotencyRecord.objects.filter(user=user),
        ApiToken.objects.filter(user=user),
        Feed.objects.filter(owner=user),
        Stream.objects.filter(owner=user),
    ):
        _delete_in_batches(user, rows)
    own_recordings.delete_abandoned()
    about_them = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(pk)
    )
    about_them.update(object_repr=user.username)
    if LogEntry.objects.filter(user=user).exists():
        user.groups.clear()
        user.user_permissions.clear()
        User.objects.filter(pk=pk).update(deletion_requested_at=None)
    else:
        user.delete()


def _delete_in_batches(user: User, rows: QuerySet[Any]) -> None:
    """Send a heartbeat after each batch, so that the worker does not look frozen."""
    while keys := list(rows.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows.filter(pk__in=keys).delete()
        User.objects.filter(pk=user.pk).update(deletion_requested_at=timezone.now())
        Heartbeat.objects.beat()


def _delete_sessions(user: User) -> None:
    mine = [
        session.pk
        for session in Session.objects.iterator()
        if session.get_decoded().get("_auth_user_id") == str(user.pk)
    ]
    Session.objects.filter(pk__in=mine).delete()
