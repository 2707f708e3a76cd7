"""Settings for operators and other programs: webhooks, metrics and the log."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from config.environment import env, networks, origin

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

# A proxy that signs users in: the header with their name, and the proxy's own addresses.
AUTH_HEADER = env.str("SOUNDSCAPES_AUTH_HEADER", default="")
AUTH_HEADER_FROM = networks(
    "SOUNDSCAPES_AUTH_HEADER_FROM", env.str("SOUNDSCAPES_AUTH_HEADER_FROM", default="")
)
AUTH_HEADER_SIGN_OUT = env.str("SOUNDSCAPES_AUTH_HEADER_SIGN_OUT", default="")
if AUTH_HEADER and not AUTH_HEADER_FROM:
    raise ImproperlyConfigured(
        "SOUNDSCAPES_AUTH_HEADER needs SOUNDSCAPES_AUTH_HEADER_FROM, the addresses of the proxy: "
        "otherwise everybody could send this header and be anybody."
    )
if any(network.prefixlen == 0 for network in AUTH_HEADER_FROM):
    raise ImproperlyConfigured(
        "SOUNDSCAPES_AUTH_HEADER_FROM must not name all addresses: everybody could be anybody."
    )

# Other sites to which a form of a page may lead.
FORM_ORIGINS = [origin(url) for url in (AUTH_HEADER_SIGN_OUT,) if url]

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
