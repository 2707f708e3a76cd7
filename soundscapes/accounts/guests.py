"""Guests: accounts of an hour without a password, which a sign-up or a sign-in takes over."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from soundscapes.accounts import deletion, invitations
from soundscapes.engine.errors import EngineError
from soundscapes.images import matching
from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind
from soundscapes.models import Clip, Generation, Image, User

LIFETIME = timedelta(hours=1)


class EndedError(EngineError):
    """The guest is being deleted."""

    def __init__(self) -> None:
        super().__init__("Your visit has ended, and its soundscapes are deleted. Sign up again.")


def admit(address: str) -> User:
    """Create a guest at an IP address. It counts as a sign-up. Raises QuotaExceededError."""
    quotas.take(Kind.SIGN_UP, address)
    quotas.take(Kind.SIGN_UPS, "everybody")
    with transaction.atomic():
        name = f"guest-{uuid4().hex[:12]}"
        return User.objects.create_user(name, guest_until=timezone.now() + LIFETIME)


def dismiss(guest: User) -> None:
    """Delete a guest without images."""
    guest.delete()


def take_over(
    guest: User, username: str, password: str, email: str = "", *, invitation: str | None = None
) -> None:
    """Turn a guest into an account with its soundscapes.

    Raises EndedError, InvitationError, or IntegrityError for a taken name.
    """
    awaits = settings.SIGN_UP == "approval"
    guest.username, guest.email, guest.guest_until = username, email, None
    guest.date_joined = timezone.now()
    guest.is_active, guest.awaits_approval = not awaits, awaits
    guest.set_password(password)
    fields = ["username", "email", "guest_until", "date_joined", "password"]
    with transaction.atomic():
        if not User.lock(pk=guest.pk, deletion_requested_at=None):
            raise EndedError
        if invitation is not None:
            invitations.use(invitation)
        guest.save(update_fields=[*fields, "is_active", "awaits_approval"])


def hand_over(guest: User, user: User) -> None:
    """Give a guest's images, soundscapes and recordings to the account they have already.

    They may exceed its storage, and none is lost. The guest is deleted.
    """
    try:
        _hand_over(guest, user)
    except (IntegrityError, Image.DoesNotExist):  # an image that both had has been deleted
        _hand_over(guest, user)


def _hand_over(guest: User, user: User) -> None:
    with transaction.atomic():
        if len(User.lock(pk__in=[guest.pk, user.pk], deletion_requested_at=None)) < 2:
            return
        for image in Image.objects.filter(owner=guest):
            known = Image.objects.filter(owner=user, checksum=image.checksum).first()
            if known:
                image.generations.update(image=known)
                matching.request_matching(known)
        _give(Image, guest, user)
        _give(Clip, guest, user)
        Generation.objects.filter(owner=guest).update(owner=user)
        deletion.leave(guest)


def _give(model: type[Image | Clip], guest: User, user: User) -> None:
    """Give the files that the user has not."""
    known = model.objects.filter(owner=user).values("checksum")
    model.objects.filter(owner=guest).exclude(checksum__in=known).update(owner=user)


def remove_ended() -> None:
    ended = {"guest_until__lte": timezone.now(), "deletion_requested_at": None, "is_active": True}
    for guest in User.objects.filter(**ended):
        with transaction.atomic():
            for locked in User.lock(pk=guest.pk, **ended):  # nobody who has just signed up
                deletion.leave(locked)
