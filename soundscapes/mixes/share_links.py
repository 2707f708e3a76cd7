"""Handing out links to one's soundscapes, and taking them back."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.models import Generation, ShareLink, State

LIFETIME = timedelta(days=30)
MAX_LIFETIME = timedelta(days=365)  # of a link that ends at all
MAX_LINKS = 10  # to one soundscape at a time
KEPT_FOR = timedelta(days=30)  # so long an ended link is still shown to its owner


class ShareError(EngineError):
    """A link that cannot be made; the message says what to do about it."""


def make_link(
    generation: Generation,
    *,
    lifetime: timedelta | None = LIFETIME,
    shows_picture: bool = False,
) -> ShareLink:
    """A new link to a soundscape; without a `lifetime` it does not end by itself.

    Raises ShareError for a soundscape that is not finished or has enough links.
    """
    if generation.state != State.READY:
        raise ShareError("Only a finished soundscape can be shared. Wait until it is ready.")
    if generation.share_links.live().count() >= MAX_LINKS:
        raise ShareError(
            f"There are {MAX_LINKS} links to this soundscape, and that is the most. "
            "Revoke one of them first."
        )
    return ShareLink.objects.create(
        generation=generation,
        shows_picture=shows_picture,
        expires_at=timezone.now() + lifetime if lifetime else None,
    )


def revoke(link: ShareLink) -> None:
    """From now on the link leads nowhere; copies that were saved before stay."""
    link.delete()


def revoke_all(generation: Generation) -> None:
    """Nobody but its owner can open the soundscape any more."""
    generation.share_links.all().delete()


def forget_ended() -> int:
    """Remove the links that ended so long ago that nobody asks for them; how many."""
    _total, rows = ShareLink.objects.ended_before(timezone.now() - KEPT_FOR).delete()
    return rows.get("soundscapes.ShareLink", 0)
