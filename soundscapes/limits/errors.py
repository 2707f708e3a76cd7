"""Errors of exceeded limits."""

from soundscapes.engine.errors import EngineError


class LimitError(EngineError):
    """A limit is exceeded. `status` is for HTTP; `retry_after` is in seconds, if it ever clears."""

    status = 403
    retry_after: int | None = None
