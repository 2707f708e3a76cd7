"""What is raised where a limit is met."""

from __future__ import annotations

from soundscapes.engine.errors import EngineError


class LimitError(EngineError):
    """What is asked for is beyond a limit; `status` is the HTTP status that fits, `retry_after` the
    seconds in which that changes by itself, if it does."""

    status = 403
    retry_after: int | None = None
