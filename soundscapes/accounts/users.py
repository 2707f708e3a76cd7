"""Accounts and API tokens."""

import logging
import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.utils import timezone
from django_q.tasks import async_task

from soundscapes.engine.errors import EngineError
from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind
from soundscapes.models import ApiToken, User

logger = logging.getLogger(__name__)

CURATORS = "Curators"
ALL_VERBS = ("view", "add", "change", "delete")
CURATED = {
    "imageset": ALL_VERBS,
    "image": ALL_VERBS,
    "clip": ALL_VERBS,
    "category": ("view", "change"),
    "batchjob": ("view",),
}

TOKEN_LIFETIME = timedelta(days=365)
MAX_TOKENS = 50  # per account, including expired ones
LAST_USED_INTERVAL = timedelta(minutes=1)
"""Minimum time between two updates of a token's `last_used_at`."""


class TooManyTokensError(EngineError):
    def __init__(self) -> None:
        super().__init__(
            f"You have {MAX_TOKENS} API tokens, which is the maximum. Revoke one that you no "
            "longer need, then create a new one."
        )


def create_first_administrator() -> tuple[User, str] | None:
    """Create an administrator with a random password and return both, or None if one exists."""
    name = "admin" if not User.objects.filter(username="admin").exists() else "administrator"
    if User.objects.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            return User.objects.create_superuser(name, password=password), password
    except IntegrityError:  # another machine ran the setup at the same time
        return None


def make_curators() -> Group:
    """Return the group that manages image sets, categories and clips, but not users."""
    group, _created = Group.objects.get_or_create(name=CURATORS)
    codenames = [f"{verb}_{model}" for model, verbs in CURATED.items() for verb in verbs]
    permissions = Permission.objects.filter(
        content_type__app_label="soundscapes", codename__in=codenames
    )
    group.permissions.add(*permissions)
    return group


def sign_up(username: str, password: str, email: str = "", *, address: str) -> User:
    """Create an account, requested from an IP address.

    Raises QuotaExceededError, or IntegrityError if the name is taken.
    """
    quotas.take(Kind.SIGN_UP, address)
    quotas.take(Kind.SIGN_UPS, "everybody")
    with transaction.atomic():
        return User.objects.create_user(username, email, password)


def find_or_create(username: str) -> User | None:
    """Return the account of a name that was verified elsewhere, or None for an invalid name.

    A new account has no password of its own.
    """
    user = User.objects.filter(username=username).first()
    if user is not None:
        return user
    made = User(username=username)
    made.set_unusable_password()
    try:
        made.full_clean()
        with transaction.atomic():
            made.save()
    except ValidationError as error:
        logger.warning("No account was made for %r: %s", username, error)
        return None
    except IntegrityError:  # a request at the same time made it
        return User.objects.get(username=username)
    return made


def change_email(user: User, email: str) -> None:
    """Store a new email address (empty for none) and notify the old one.

    Raises QuotaExceededError, so that nobody is flooded with notices.
    """
    old_email = user.email
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(email=email)
        if old_email and old_email != email:
            task = "soundscapes.accounts.users.send_email_notice"
            quotas.take(Kind.EMAIL, f"notice of {user.pk}")
            async_task(task, old_email, user.username, save=False)


def send_email_notice(old_email: str, username: str) -> None:
    """Notify the old address, which may still be the owner's. Runs in the worker."""
    text = render_to_string("accounts/mail/email_changed.txt", {"username": username})
    send_mail("Your email address on Soundscapes was changed", text, None, [old_email])


def request_password_reset(email: str, host: str, is_secure: bool) -> None:
    """Queue a reset email. The worker looks up the account, so that timing reveals nothing."""
    async_task("soundscapes.accounts.users.send_password_reset", email, host, is_secure, save=False)


class _ResetEmails(PasswordResetForm):
    def send_mail(self, *message: Any, **options: Any) -> None:
        """Send the email unless its recipient's quota is used up."""
        *_context, _sender, recipient = message
        with suppress(quotas.QuotaExceededError):
            quotas.take(Kind.EMAIL, f"reset to {recipient.casefold()}")
            super().send_mail(*message, **options)


def send_password_reset(email: str, host: str, is_secure: bool) -> None:
    """Send a reset link for each account with this email address. Runs in the worker."""
    form = _ResetEmails({"email": email})
    if form.is_valid():
        form.save(
            domain_override=host,
            use_https=is_secure,
            subject_template_name="accounts/mail/reset_subject.txt",
            email_template_name="accounts/mail/reset.txt",
        )


def note_use(token: ApiToken) -> None:
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_INTERVAL:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_INTERVAL)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def create_token(
    user: User,
    name: str,
    *,
    scope: str = ApiToken.Scope.WRITE,
    lifetime: timedelta = TOKEN_LIFETIME,
    maker: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """Create a token and return it with its secret, of which only a digest is stored.

    A token created with another token, its `maker`, cannot outlive it. Raises TooManyTokensError.
    """
    if maker is not None and maker.expiry is not None:
        lifetime = min(lifetime, maker.expiry - timezone.now())
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)  # serialises concurrent requests
        if user.auth_token_set.count() >= MAX_TOKENS:
            raise TooManyTokensError
        token, secret = ApiToken.objects.create(user, expiry=lifetime, name=name, scope=scope)
    return token, secret


def revoke_token(token: ApiToken) -> None:
    token.delete()


def end_tokens(user: User) -> None:
    """Revoke what opens the account's data without its password: API tokens and podcast feeds."""
    user.auth_token_set.all().delete()
    user.feeds.all().delete()
