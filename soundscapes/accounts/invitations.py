"""Invitations: links of administrators with which a number of people can sign up."""

from soundscapes.engine.errors import EngineError
from soundscapes.models import Invitation


class InvitationError(EngineError):
    def __init__(self) -> None:
        super().__init__(
            "This invitation has expired or was used up. Ask an administrator for a new one."
        )


def is_valid(token: str) -> bool:
    return Invitation.objects.open().filter(token=token).exists()


def use(token: str) -> None:
    """Count one use, in the caller's transaction. Raises InvitationError."""
    if not Invitation.objects.open().filter(token=token).count_use():
        raise InvitationError
