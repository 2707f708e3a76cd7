"""Helper for constraints of the database."""

from collections.abc import Callable

from django.db import IntegrityError, transaction


def is_refused(make: Callable[..., object], **fields: object) -> bool:
    try:
        with transaction.atomic():
            make(**fields)
    except IntegrityError:
        return True
    return False
