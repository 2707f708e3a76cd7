"""Accounts and their keys."""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.forms import BaseModelForm

from soundscapes.models import ApiToken, User

CURATORS = "Curators"
ALL_VERBS = ("view", "add", "change", "delete")
CURATED = {
    "imageset": ALL_VERBS,
    "image": ALL_VERBS,
    "clip": ALL_VERBS,
    "category": ("view", "change"),
    "chore": ("view",),
}

TOKEN_LIFETIME = timedelta(days=365)


def create_first_administrator() -> tuple[User, str] | None:
    """Where nobody administers yet: the account and its random password, told this once."""
    with transaction.atomic():
        if User.objects.filter(is_superuser=True).exists():
            return None
        password = secrets.token_urlsafe(12)
        name = "admin" if not User.objects.filter(username="admin").exists() else "administrator"
        return User.objects.create_superuser(name, password=password), password


def make_curators() -> Group:
    """The group that manages sets, categories and clips, and sees nothing of users."""
    group, _created = Group.objects.get_or_create(name=CURATORS)
    codenames = [f"{verb}_{model}" for model, verbs in CURATED.items() for verb in verbs]
    permissions = Permission.objects.filter(
        content_type__app_label="soundscapes", codename__in=codenames
    )
    group.permissions.add(*permissions)
    return group


def sign_up(form: BaseModelForm[User]) -> User:
    """The account of someone who filled in the sign-up form."""
    user: User = form.save()
    return user


def create_token(
    user: User,
    name: str,
    *,
    scope: str = ApiToken.Scope.WRITE,
    lifetime: timedelta = TOKEN_LIFETIME,
) -> tuple[ApiToken, str]:
    """A new key and its secret; only a digest of the secret is kept."""
    token, secret = ApiToken.objects.create(user, expiry=lifetime, name=name, scope=scope)
    return token, secret


def revoke_token(token: ApiToken) -> None:
    token.delete()
