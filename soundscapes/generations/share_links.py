"""Share links of soundscapes."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.files import bulk_deletion
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
    """Create a link; without a `lifetime` it never expires.

    Raises ShareError for an unfinished soundscape or too many links.
    """
    with transaction.atomic():
        # Requests at once are counted one after the other.
        locked = Generation.objects.select_for_update(no_key=True).get(pk=generation.pk)
        if locked.state != State.READY:
            raise ShareError("Only a finished soundscape can be shared. Wait until it is ready.")
        if locked.share_links.live().count() >= MAX_LINKS:
            raise ShareError(
                f"There are {MAX_LINKS} links to this soundscape, and that is the most. "
                "Revoke one of them first."
            )
        return ShareLink.objects.create(
            generation=locked,
            shows_picture=shows_picture,
            expires_at=timezone.now() + lifetime if lifetime else None,
        )


def revoke(link: ShareLink) -> None:
    """Revoke a link; copies saved before stay."""
    link.delete()


def revoke_all(generation: Generation) -> None:
    generation.share_links.all().delete()


def forget_ended() -> int:
    """Delete links that ended long ago; return how many."""
    return bulk_deletion.delete(ShareLink.objects.ended_before(timezone.now() - KEPT_FOR))
