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
        "otherwise anyone could send this header and sign in as anyone."
    )
if any(network.prefixlen == 0 for network in AUTH_HEADER_FROM):
    raise ImproperlyConfigured(
        "SOUNDSCAPES_AUTH_HEADER_FROM must not contain all addresses: "
        "anyone could sign in as anyone."
    )

# A provider of OpenID Connect.
OIDC_ISSUER = env.str("SOUNDSCAPES_OIDC_ISSUER", default="").rstrip("/")
OIDC_CLIENT_ID = env.str("SOUNDSCAPES_OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("SOUNDSCAPES_OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("SOUNDSCAPES_OIDC_NAME", default="single sign-on")
# Whether the provider's users get an account at their first sign-in.
OIDC_SIGN_UP = env.flag("SOUNDSCAPES_OIDC_SIGN_UP", default=True)
OIDC_SCOPES = env.list("SOUNDSCAPES_OIDC_SCOPES", default=["openid", "profile", "email"])
OIDC_GROUPS_CLAIM = env.str("SOUNDSCAPES_OIDC_GROUPS_CLAIM", default="groups")
OIDC_ADMIN_GROUPS = env.list("SOUNDSCAPES_OIDC_ADMIN_GROUPS", default=[])
OIDC_CURATOR_GROUPS = env.list("SOUNDSCAPES_OIDC_CURATOR_GROUPS", default=[])
if OIDC_ISSUER and not (OIDC_CLIENT_ID and OIDC_CLIENT_SECRET):
    raise ImproperlyConfigured(
        "SOUNDSCAPES_OIDC_ISSUER needs SOUNDSCAPES_OIDC_CLIENT_ID and "
        "SOUNDSCAPES_OIDC_CLIENT_SECRET."
    )


def oidc_providers(issuer: str) -> dict[str, Any]:
    """Return the providers for allauth: one, or none without an issuer."""
    app = {
        "provider_id": "provider",
        "name": OIDC_NAME,
        "client_id": OIDC_CLIENT_ID,
        "secret": OIDC_CLIENT_SECRET,
        "settings": {"server_url": issuer, "scope": OIDC_SCOPES, "oauth_pkce_enabled": True},
    }
    return {"openid_connect": {"APPS": [app] if issuer else []}}


SOCIALACCOUNT_PROVIDERS = oidc_providers(OIDC_ISSUER)
SOCIALACCOUNT_ADAPTER = "soundscapes.web.accounts.single_sign_on.ProviderAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5  # seconds for each request to the provider
# Whoever has the same email address at the provider proves nothing about an account here.
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False

# Other sites to which a form of a page may lead.
FORM_ORIGINS = [
    origin(name, url)
    for name, url in (
        ("SOUNDSCAPES_AUTH_HEADER_SIGN_OUT", AUTH_HEADER_SIGN_OUT),
        ("SOUNDSCAPES_OIDC_ISSUER", OIDC_ISSUER),
    )
    if url
]

LOG_FORMAT = env.choice("SOUNDSCAPES_LOG_FORMAT", ("text", "json"), default="text")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def log_formatter() -> dict[str, Any]:
    """Return the formatter of log lines, for `logging.config.dictConfig`."""
    if LOG_FORMAT == "text":
        return {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"}
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
    "root": {"handlers": ["console"], "level": env.choice("LOG_LEVEL", LEVELS, default="WARNING")},
    "loggers": {"soundscapes": {"level": env.choice("LOG_LEVEL", LEVELS, default="INFO")}},
}
