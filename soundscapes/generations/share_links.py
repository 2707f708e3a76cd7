"""Share links of soundscapes."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from soundscapes.engine.errors import EngineError
from soundscapes.files import batches
from soundscapes.models import Generation, ShareLink, State

LIFETIME = timedelta(days=30)
MAX_LIFETIME = timedelta(days=365)  # of links that expire
MAX_LINKS = 10  # live links per soundscape
KEPT_FOR = timedelta(days=30)  # how long owners still see an expired link


class ShareError(EngineError):
    """A link that cannot be created, with the required action."""


def make_link(
    generation: Generation,
    *,
    lifetime: timedelta | None = LIFETIME,
    shows_picture: bool = False,
) -> ShareLink:
    """Create a link, which never expires if `lifetime` is None.

    Raise ShareError for an unfinished soundscape or too many links.
    """
    with transaction.atomic():
        # The lock makes concurrent requests count one after another.
        locked = Generation.objects.select_for_update(no_key=True).get(pk=generation.pk)
        if locked.state != State.READY:
            raise ShareError("The soundscape is not finished. Share it once it is ready.")
        if locked.share_links.live().count() >= MAX_LINKS:
            raise ShareError(
                f"This soundscape already has {MAX_LINKS} share links, the maximum. Revoke one "
                "first."
            )
        return ShareLink.objects.create(
            generation=locked,
            shows_picture=shows_picture,
            expires_at=timezone.now() + lifetime if lifetime else None,
        )


def revoke(link: ShareLink) -> None:
    """Revoke a link. Saved copies stay."""
    link.delete()


def revoke_all(generation: Generation) -> None:
    generation.share_links.all().delete()


def forget_ended() -> int:
    """Delete links that expired more than KEPT_FOR ago. Return their number."""
    return batches.delete(ShareLink.objects.ended_before(timezone.now() - KEPT_FOR))
