"""Which request a line of the log belongs to."""

from __future__ import annotations

import logging
from contextvars import ContextVar

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class ProbeFilter(logging.Filter):
    """Leaves out that /readyz said no (503): whoever asks every second knows, and what is wrong is
    logged by who found it."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return (path, getattr(record, "status_code", 0)) != ("/readyz", 503)


class RequestIdFilter(logging.Filter):
    """Gives every record the id of the request that is being answered, or a dash."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)  # Django logs an answer after it was sent
        record.request_id = getattr(request, "request_id", current_request_id.get())
        return True
