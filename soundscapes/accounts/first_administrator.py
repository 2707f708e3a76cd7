"""The first administrator, whom the person with the server's one-time code may create."""

import secrets

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from soundscapes.engine.errors import EngineError
from soundscapes.models import User

CODE_LENGTH = 16


class WrongCodeError(EngineError):
    def __init__(self) -> None:
        super().__init__(
            "The code is incorrect, or somebody used it. Copy it from the output of the server."
        )


def is_missing() -> bool:
    return not User.objects.filter(is_superuser=True).exists()


def code() -> str:
    """Return the code of this installation, the same in all its processes."""
    digest = salted_hmac("soundscapes.first_administrator", "code", algorithm="sha256").hexdigest()
    return digest[:CODE_LENGTH]


def create(code: str, username: str, password: str) -> User:
    """Create the administrator. Raises WrongCodeError, also once there is one."""
    if not secrets.compare_digest(code.strip().casefold().encode(), _code().encode()):
        raise WrongCodeError
    try:
        with transaction.atomic():
            _wait_for_others()
            if not is_missing():
                raise WrongCodeError
            return User.objects.create_superuser(username, password=password)
    except IntegrityError as error:
        raise WrongCodeError from error


def _wait_for_others() -> None:
    """Lock a row that always exists: what other transactions create cannot be seen yet."""
    users = ContentType.objects.get_for_model(User)
    ContentType.objects.select_for_update().get(pk=users.pk)


_code = code
