"""Log filters."""

import logging
from contextvars import ContextVar

UNAVAILABLE = 503

current_request_id: ContextVar[str] = ContextVar("current_request_id", default="-")


class ProbeFilter(logging.Filter):
    """Drop the 503s of /readyz: the cause is logged elsewhere, and probes come every second."""

    def filter(self, record: logging.LogRecord) -> bool:
        path = getattr(getattr(record, "request", None), "path", "")
        return (path, getattr(record, "status_code", 0)) != ("/readyz", UNAVAILABLE)


class RefusalFilter(logging.Filter):
    """Log deliberate 503s as warnings, because they are frequent under load."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 0) == UNAVAILABLE and not record.exc_info:
            record.levelno, record.levelname = logging.WARNING, "WARNING"
        return True


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)  # Django logs a response after sending it
        record.request_id = getattr(request, "request_id", current_request_id.get())
        return True
