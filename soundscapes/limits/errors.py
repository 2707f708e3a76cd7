"""Errors of exceeded limits."""

from soundscapes.engine.errors import EngineError


class LimitError(EngineError):
    """A limit is exceeded.

    `status` is the HTTP status. `retry_after` is in seconds, or None if waiting does not help.
    """

    status = 403
    retry_after: int | None = None
