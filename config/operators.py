"""Settings for operators and other programs: webhooks, metrics and the log."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, networks

# Networks that webhooks may reach although they are private.
WEBHOOK_NETWORKS = networks(
    "SOUNDSCAPES_WEBHOOK_NETWORKS", env.str("SOUNDSCAPES_WEBHOOK_NETWORKS", default="")
)

# The bearer token that reads /metrics from other machines.
METRICS_TOKEN = env.str("SOUNDSCAPES_METRICS_TOKEN", default="")
MIN_TOKEN = 20  # characters
if METRICS_TOKEN and not (METRICS_TOKEN.isascii() and len(METRICS_TOKEN) >= MIN_TOKEN):
    raise ImproperlyConfigured(
        f"SOUNDSCAPES_METRICS_TOKEN must have at least {MIN_TOKEN} ASCII characters."
    )

LOG_FORMAT = env.str("SOUNDSCAPES_LOG_FORMAT", default="text")


def log_formatter() -> dict[str, Any]:
    """Return the formatter of log lines, for `logging.config.dictConfig`."""
    if LOG_FORMAT == "text":
        return {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"}
    if LOG_FORMAT != "json":
        raise ImproperlyConfigured("SOUNDSCAPES_LOG_FORMAT must be text or json.")
    from pythonjsonlogger.core import RESERVED_ATTRS

    return {
        "()": "pythonjsonlogger.json.JsonFormatter",
        "format": "{levelname}{name}{request_id}{message}",
        "style": "{",
        "timestamp": True,
        "rename_fields": {"levelname": "level", "name": "logger", "exc_info": "exception"},
        # Objects that Django adds to records, and a time that is there already.
        "reserved_attrs": [*RESERVED_ATTRS, "request", "server_time", "taskName"],
    }


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "soundscapes.http.logs.RequestIdFilter"},
        "no_probes": {"()": "soundscapes.http.logs.ProbeFilter"},
        "refusals": {"()": "soundscapes.http.logs.RefusalFilter"},
    },
    "formatters": {"line": log_formatter()},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["request_id", "no_probes", "refusals"],
        }
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {"soundscapes": {"level": env.str("LOG_LEVEL", default="INFO")}},
}
