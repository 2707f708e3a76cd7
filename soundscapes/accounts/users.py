"""Accounts and API tokens."""

import logging
import secrets
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urljoin

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import filter_users_by_email, user_pk_to_url_str
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from soundscapes.accounts import invitations
from soundscapes.limits import quotas
from soundscapes.limits.grants import one_more
from soundscapes.limits.quotas import Kind
from soundscapes.models import ApiToken, User
from soundscapes.webhooks import webhooks

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
ANNOUNCEMENT_INTERVAL = timedelta(hours=1)
"""Minimum time between two emails about accounts that wait for approval."""
LATE_ANNOUNCEMENT = "late announcement"
MAX_ANNOUNCED = 20  # names in such an email


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


def sign_up(
    username: str, password: str, email: str = "", *, address: str, invitation: str | None = None
) -> User:
    """Create an account, requested from an IP address. With approval, it cannot sign in yet.

    Raises QuotaExceededError, InvitationError, or IntegrityError if the name is taken.
    """
    quotas.take(Kind.SIGN_UP, address)
    quotas.take(Kind.SIGN_UPS, "everybody")
    awaits = settings.SIGN_UP == "approval"
    with transaction.atomic():
        if invitation is not None:
            invitations.use(invitation)
        return User.objects.create_user(
            username, email, password, is_active=not awaits, awaits_approval=awaits
        )


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


def has_email(email: str) -> bool:
    """Return whether an account has this address, verified or not."""
    is_address = EmailAddress.objects.filter(email__iexact=email).exists()
    return is_address or User.objects.filter(email__iexact=email).exists()


def set_roles(user: User, *, is_administrator: bool | None, is_curator: bool | None) -> None:
    """Make a user an administrator or curator, or end that. None leaves it as it is.

    The last administrator stays one.
    """
    if is_curator is not None:
        (user.groups.add if is_curator else user.groups.remove)(make_curators())
    if is_administrator is False and user.is_superuser and _is_last_administrator(user):
        logger.warning("%s stays an administrator, as the last one", user.username)
    elif is_administrator is not None:
        user.is_superuser = is_administrator
    if (is_administrator, is_curator) != (None, None):
        user.is_staff = user.is_superuser or user.groups.filter(name=CURATORS).exists()
        User.objects.filter(pk=user.pk).update(
            is_superuser=user.is_superuser, is_staff=user.is_staff
        )


def _is_last_administrator(user: User) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return not others.exists()


def announce_waiting(site: str) -> None:
    """Tell administrators by email who waits for approval, at most once an hour.

    If they were told within the hour, they are told again at its end. `site` is the URL of the
    start page.
    """
    waiting = User.objects.filter(awaits_approval=True)
    if not waiting.exists():
        return
    if not cache.add("waiting-announced", True, ANNOUNCEMENT_INTERVAL.total_seconds()):
        _announce_later(site)
        return
    path = f"{reverse('admin:soundscapes_user_changelist')}?awaits_approval__exact=1"
    context = {
        "count": waiting.count(),
        "names": [user.username for user in waiting.order_by("-pk")[:MAX_ANNOUNCED]],
        "site": site,
        "url": urljoin(site, path),
    }
    text = render_to_string("accounts/mail/waiting.txt", context)
    administrators = User.objects.filter(is_superuser=True, is_active=True).exclude(email="")
    for administrator in administrators:
        queue_email("Accounts on Soundscapes wait for approval", text, administrator.email)


def _announce_later(site: str) -> None:
    if not Schedule.objects.filter(name=LATE_ANNOUNCEMENT).exists():
        Schedule.objects.create(
            name=LATE_ANNOUNCEMENT,
            func="soundscapes.accounts.users.announce_waiting",
            args=repr((site,)),
            schedule_type=Schedule.ONCE,
            next_run=timezone.now() + ANNOUNCEMENT_INTERVAL,
        )


def approve(user: User) -> bool:
    """Let an account sign in that waits for it, and email its owner. Return whether it waited."""
    waiting = User.objects.filter(pk=user.pk, awaits_approval=True)
    with transaction.atomic():
        is_approved = bool(waiting.update(is_active=True, awaits_approval=False))
        if is_approved and user.email:
            text = render_to_string("accounts/mail/approved.txt", {"username": user.username})
            queue_email("Your account on Soundscapes was approved", text, user.email)
    return is_approved


def queue_email(subject: str, text: str, recipient: str) -> None:
    async_task("soundscapes.accounts.users.send_email", subject, text, recipient, save=False)


def send_email(subject: str, text: str, recipient: str) -> None:
    """Runs in the worker, so that no page waits for a mail server."""
    send_mail(subject, text, None, [recipient])


def request_password_reset(email: str, site: str) -> None:
    """Queue a reset email. The worker looks up the account, so that timing reveals nothing."""
    async_task("soundscapes.accounts.users.send_password_reset", email, site, save=False)


def send_password_reset(email: str, site: str) -> None:
    """Send a reset link for each account with this email address. Runs in the worker."""
    for user in filter_users_by_email(email, is_active=True, prefer_verified=True):
        if not user.has_usable_password():
            continue
        arguments = {
            "uidb36": user_pk_to_url_str(user),
            "key": default_token_generator.make_token(user),
        }
        path = reverse("account_reset_password_from_key", kwargs=arguments)
        context = {"username": user.username, "url": urljoin(site, path)}
        text = render_to_string("accounts/mail/reset.txt", context)
        with suppress(quotas.QuotaExceededError):
            quotas.take(Kind.EMAIL, f"to {email.casefold()}")
            send_email("Reset your password on Soundscapes", text, email)


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

    A token created with another token, its `maker`, cannot outlive it. Raises GuestError or
    TooManyError.
    """
    if maker is not None and maker.expiry is not None:
        lifetime = min(lifetime, maker.expiry - timezone.now())
    refusal = (
        f"You have {MAX_TOKENS} API tokens, which is the maximum. Revoke one that you no longer "
        "need, then create a new one."
    )
    with one_more(user, user.auth_token_set, MAX_TOKENS, refusal):
        token, secret = ApiToken.objects.create(user, expiry=lifetime, name=name, scope=scope)
    return token, secret


def revoke_token(token: ApiToken) -> None:
    token.delete()


def end_tokens(user: User) -> None:
    """End what gives away the account's data without its password.

    API tokens, feeds and streams are deleted. Webhooks are switched off, so that their owner can
    switch on those that are theirs.
    """
    user.auth_token_set.all().delete()
    user.feeds.all().delete()
    user.streams.all().delete()
    webhooks.switch_off_all(user, "The password was changed.")
