"""The soundscape on the welcome page: one share link, which visitors hear without an account."""

from django.db import transaction

from soundscapes.engine.errors import EngineError
from soundscapes.generations import generations
from soundscapes.limits import storage
from soundscapes.models import Generation, Image, ShareLink, User

SEED = 5


class WelcomeError(EngineError):
    """A link that may not be shown to everybody, with the reason."""


def request_first(user: User) -> bool:
    """Queue a soundscape of a shipped scene and its link. Return False without scenes."""
    image = Image.objects.scenes().first()
    if image is None:
        return False
    generation = Generation(owner=user, image=image, seed=SEED)
    generation.size = storage.expected_size(generation.duration)
    with transaction.atomic():
        generations.queue_generation(generation)
        ShareLink.objects.create(generation=generation, shows_picture=True, is_welcome=True)
    return True


def toggle(user: User, link: ShareLink) -> bool:
    """Show the user's link on the welcome page in place of another one, or hide it.

    Return whether it is shown. Raise WelcomeError for links of others.
    """
    if link.generation.owner_id != user.pk:
        raise WelcomeError("Only the owner of a soundscape can show it on the welcome page.")
    is_shown = not link.is_welcome
    with transaction.atomic():
        ShareLink.objects.welcome().update(is_welcome=False)
        ShareLink.objects.filter(pk=link.pk).update(is_welcome=is_shown)
    return is_shown
