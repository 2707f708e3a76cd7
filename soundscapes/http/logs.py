"""Which request a line of the log belongs to."""

from __future__ import annotations

import logging
from contextvars import ContextVar

UNAVAILABLE = 503

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class ProbeFilter(logging.Filter):
    """Leaves out that /readyz said no (503): whoever asks every second knows, and what is wrong is
    logged by who found it."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return (path, getattr(record, "status_code", 0)) != ("/readyz", UNAVAILABLE)


class RefusalFilter(logging.Filter):
    """Makes a warning of what Django calls an error: 503 in words to whom there is no room for.

    It is one line for each refusal, just when there are many. What was raised stays an error.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 0) == UNAVAILABLE and not record.exc_info:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class RequestIdFilter(logging.Filter):
    """Gives every record the id of the request that is being answered, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)  # Django logs an answer after it was sent
        record.request_id = getattr(request, "request_id", current_request_id.get())
        return True
