"""Share links, podcast feeds and streams, which can be opened without an account."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from soundscapes.models.jobs import State

if TYPE_CHECKING:
    from soundscapes.models.users import User

TOKEN_BYTES = 32


def new_token() -> str:
    """Return 256 random bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def owned_by(self, user: User) -> Self:
        """Return the user's links, newest first, without those to deleted soundscapes."""
        mine = self.filter(generation__owner=user, generation__deleted_at=None)
        return mine.order_by("-created_at", "-pk")

    def live(self) -> Self:
        """Return links that work, which excludes those of deactivated or deleted accounts."""
        lasting = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        return self.filter(
            lasting,
            generation__deleted_at=None,
            generation__state=State.READY,
            generation__owner__is_active=True,
            generation__owner__deletion_requested_at=None,
        )

    def welcome(self) -> Self:
        return self.filter(is_welcome=True)

    def ended_before(self, moment: datetime) -> Self:
        return self.filter(expires_at__lt=moment)

    def for_list(self) -> Self:
        return self.select_related("generation__image", "generation__owner").prefetch_related(
            "generation__layers__category"
        )


class ShareLink(models.Model):
    """A link whose token gives access until it expires or is revoked.

    The token is stored as plain text, so that its owner can copy the link again. Anybody who can
    read this table can also read the soundscapes.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey(
        "soundscapes.Generation", on_delete=models.CASCADE, related_name="share_links"
    )
    token = models.CharField(max_length=64, unique=True, default=new_token, editable=False)
    shows_picture = models.BooleanField(default=False)
    is_welcome = models.BooleanField(
        "on the welcome page",
        default=False,
        help_text="Visitors without an account see and hear it on the welcome page.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(
        null=True, blank=True, help_text="If empty, the link does not expire."
    )

    objects = ShareLinkQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                name="share_link_one_welcome", fields=["is_welcome"], condition=Q(is_welcome=True)
            )
        ]

    def __str__(self) -> str:
        return f"Link to {self.generation_id}"

    @property
    def path(self) -> str:
        """The URL path; not named `get_absolute_url`, because the admin would link it."""
        return reverse("shared", kwargs={"token": self.token})

    @property
    def has_ended(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()

    @property
    def title(self) -> str:
        """The public title, never the image's title, because the image may be hidden."""
        return self.generation.name or self.generation.sounds or "A soundscape"


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class PrivateAddress(models.Model):
    """A URL with a token, of which a digest is stored."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        "soundscapes.User", on_delete=models.CASCADE, related_name="%(class)ss"
    )
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True
        ordering = ["created_at"]


AddressT = TypeVar("AddressT", bound=PrivateAddress)


class PrivateAddressQuerySet(models.QuerySet[AddressT]):
    def live(self) -> Self:
        """Exclude addresses of deactivated or deleted accounts."""
        return self.filter(owner__is_active=True, owner__deletion_requested_at=None)

    def with_token(self, token: str) -> Self:
        return self.filter(digest=digest_of(token))

    def create_with_token(self, **fields: Any) -> tuple[AddressT, str]:
        """Create an address and return it with its token."""
        token = new_token()
        return self.create(digest=digest_of(token), **fields), token


class Feed(PrivateAddress):
    """A podcast feed of a user's soundscapes."""

    only_favourites = models.BooleanField(default=False)

    objects = PrivateAddressQuerySet["Feed"].as_manager()

    def __str__(self) -> str:
        return "Favourites" if self.only_favourites else "All soundscapes"


class StreamQuerySet(PrivateAddressQuerySet["Stream"]):
    def live(self) -> Self:
        """Exclude streams of deleted soundscapes, too."""
        return super().live().filter(Q(generation=None) | Q(generation__deleted_at=None))

    def for_list(self) -> Self:
        shown = self.live().select_related("generation__image")
        return shown.prefetch_related("generation__layers__category")


class Stream(PrivateAddress):
    """An endless stream of one soundscape, or of the owner's favourites in turn."""

    generation = models.ForeignKey(
        "soundscapes.Generation",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="streams",
        help_text="If empty, the stream plays the favourites.",
    )

    objects = StreamQuerySet.as_manager()

    def __str__(self) -> str:
        return self.generation.title if self.generation else "Favourites"


PRESENT = timedelta(minutes=3)


class ListenerQuerySet(models.QuerySet["Listener"]):
    def present(self) -> Self:
        """Exclude those whose web process has ended without saying so."""
        return self.filter(seen_at__gt=timezone.now() - PRESENT)

    def absent(self) -> Self:
        return self.filter(seen_at__lte=timezone.now() - PRESENT)


class Listener(models.Model):
    """A player that is connected to a stream, and asks for its next block every minute."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="listeners")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = ListenerQuerySet.as_manager()

    def __str__(self) -> str:
        return f"Listener of {self.stream_id}"
