"""Settings, read from the environment; docs/configuration.md lists the variables."""

import os
import secrets
from math import ceil
from pathlib import Path
from typing import Any

import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured

from config.accounts import *  # noqa: F403
from config.accounts import HTTPS, IS_LOCAL
from config.environment import BASE_DIR, env, origin, usable_folder
from config.operators import *  # noqa: F403
from soundscapes.engine.paths import (
    data_dir,
    encoder_cache,
    keep_private,
    make_private_file,
    media_dir,
)

django_stubs_ext.monkeypatch()  # makes ModelAdmin[Clip] and the like valid at run time

DATA_DIR = data_dir()  # database, caches, weights
usable_folder("SOUNDSCAPES_DATA", DATA_DIR, mode=0o700)
keep_private(DATA_DIR)  # also if an earlier version created it


def _local_secret_key() -> str:
    """Return this installation's random key, stored next to its database with mode 0600."""
    path = DATA_DIR / "secret_key"
    if make_private_file(path):
        path.write_text(secrets.token_urlsafe(50))
    return path.read_text().strip()


DEBUG = env.flag("DEBUG", default=False)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# In production, no secret may be generated on the fly.
PRODUCTION = HTTPS or not (DEBUG or IS_LOCAL)


def _secret_key() -> str:
    # As it is: sessions and backups depend on the line break at the end of a file, too.
    given = env.ENVIRON["SECRET_KEY"] if env.str("SECRET_KEY", default="") else ""
    if PRODUCTION and not given:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. In production (SOUNDSCAPES_HTTPS is on, or ALLOWED_HOSTS "
            "includes other hosts than this machine) the environment must provide it. "
            "Generate one and keep it: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    return given or _local_secret_key()


SECRET_KEY = _secret_key()
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
# Only the owner of a domain knows whether all its subdomains use HTTPS; set that at the proxy.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [
    r"^healthz$",
    r"^readyz$",
    r"^metrics$",
]  # requested internally, without a proxy
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "soundscapes.http.errors.csrf_failure"

INSTALLED_APPS = [
    "soundscapes",
    "config.admin.AdminConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_filters",
    "django_htmx",
    "django_q",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "rest_framework",
]

MIDDLEWARE = [
    "soundscapes.http.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "soundscapes.http.middleware.CompressText",
    "soundscapes.http.middleware.content_security_policy",
    "soundscapes.http.middleware.answer_probes",
    "soundscapes.http.middleware.use_time_zone",
    "soundscapes.http.middleware.refuse_other_methods",
    "soundscapes.http.middleware.refuse_nul",
    "soundscapes.http.middleware.refuse_repeated_parameters",
    "soundscapes.http.middleware.LimitAddresses",
    "soundscapes.http.middleware.remember_device",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "soundscapes.http.middleware.AppendSlash",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "soundscapes.http.proxy_sign_in.ProxySignIn",
    "soundscapes.http.middleware.refuse_huge_bodies",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "soundscapes.web.accounts.guest_sign_in.GuestSignIn",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "soundscapes.http.middleware.sign_in_from_here",
    "soundscapes.http.middleware.file_errors_in_words",
    "soundscapes.http.middleware.wrong_method_in_words",
    "soundscapes.http.middleware.RefusalsInWords",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
# Only the web server keeps its connections; the queue's processes fork.
DATABASES["default"]["CONN_MAX_AGE"] = env.whole("CONN_MAX_AGE", default=0)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Immediate transactions: in a deferred one, a read that becomes a write fails at once,
    # whatever the timeout.
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
    # SQLite's -wal and -shm files get the permissions of the database.
    if (database := Path(DATABASES["default"]["NAME"])).parent.is_dir():
        make_private_file(database)
        for suffix in ("-wal", "-shm"):
            keep_private(Path(f"{database}{suffix}"))
# We replace its token model; its migrations would create an unused table.
MIGRATION_MODULES = {"knox": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "soundscapes.User"

# Printed to the server's output unless a mail server is set: smtp+tls://user:password@host:587
vars().update(env.mail("EMAIL_URL", "consolemail://"))
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("SOUNDSCAPES_MAIL_FROM", default="Soundscapes <soundscapes@localhost>")

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = media_dir()
usable_folder("MEDIA_ROOT", MEDIA_ROOT)  # even with a bucket, files are created here


def file_storage() -> dict[str, Any]:
    """Return the storage of images and audio: `MEDIA_ROOT` or an S3-compatible bucket."""
    bucket, endpoint = env.str("S3_BUCKET", default=""), env.str("S3_ENDPOINT", default="")
    if not bucket:
        return {"BACKEND": "soundscapes.files.storage.WholeFileStorage"}
    if endpoint:
        origin("S3_ENDPOINT", endpoint)
    options = {
        "bucket_name": bucket,
        "endpoint_url": endpoint or None,
        # The style that every S3-compatible server understands.
        "addressing_style": "path" if endpoint else None,
        "region_name": env.str("S3_REGION", default="") or None,
        # Without keys the SDK uses its default sources, for example a machine's role.
        "access_key": env.str("S3_ACCESS_KEY", default="") or None,
        "secret_key": env.str("S3_SECRET_KEY", default="") or None,
        "file_overwrite": False,
    }
    return {"BACKEND": "soundscapes.files.object_storage.ObjectStorage", "OPTIONS": options}


STORAGES = {
    "default": file_storage(),
    "staticfiles": {"BACKEND": "soundscapes.files.static_files.HashedModules"},
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_NUMBER_FILES = 1000  # administrators upload whole folders
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # and select whole lists

# Quotas and codes are counted in Redis if it is set, otherwise in tables that all processes share.
REDIS_URL = env.str("REDIS_URL", default="")
if REDIS_URL and not REDIS_URL.startswith(("redis://", "rediss://", "unix://")):
    raise ImproperlyConfigured("REDIS_URL must begin with redis://, rediss:// or unix://.")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "soundscapes",
    }
    if REDIS_URL
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "soundscapes_cacheentry",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def _quota(kind: str, default: str) -> tuple[int, int]:
    """Parse requests and seconds from text such as 300/hour."""
    count, _slash, unit = env.str(f"SOUNDSCAPES_QUOTA_{kind.upper()}", default=default).partition(
        "/"
    )
    if not count.isdecimal() or unit not in SECONDS:
        raise ImproperlyConfigured(
            f"SOUNDSCAPES_QUOTA_{kind.upper()} must be a number of requests per second, minute, "
            f"hour or day, such as {default}."
        )
    return int(count), SECONDS[unit]


QUOTAS = {
    "read": _quota("read", "1200/minute"),
    "upload": _quota("upload", "300/hour"),
    "generate": _quota("generate", "300/hour"),
    "preview": _quota("preview", "300/hour"),
    "sign_in": _quota("sign_in", "20/minute"),  # per IP address
    "shared": _quota("shared", "600/minute"),  # per IP address
    # Wrong passwords of one account: per IP address or known device, and for all new devices.
    "account": _quota("account", "30/hour"),
    "new_devices": _quota("new_devices", "300/hour"),
    "sign_up": _quota("sign_up", "10/hour"),  # per IP address
    "sign_ups": _quota("sign_ups", "100/hour"),  # in total
    "letter": _quota("letter", "5/hour"),  # emails per recipient
}
# Bytes that the images and soundscapes of one account may take.
STORAGE_LIMIT = round(1e9 * env.decimal("SOUNDSCAPES_STORAGE", default=20.0, least=0.001))
# Whether visitors may make a soundscape without an account.
GUESTS = env.flag("SOUNDSCAPES_GUESTS", default=False)
# Recordings of one account, and bytes of each.
OWN_RECORDINGS = env.whole("SOUNDSCAPES_OWN_RECORDINGS", default=100, least=1)
OWN_RECORDING_BYTES = round(
    1e6 * env.decimal("SOUNDSCAPES_OWN_RECORDING_SIZE", default=50.0, least=0.001)
)
# Bytes of audio that are kept; what is older is rendered again when somebody asks for it.
AUDIO_CACHE = round(1e9 * env.decimal("SOUNDSCAPES_AUDIO_CACHE", default=10.0, least=0.001))
# Bytes that new jobs leave free on the disk with the files.
DISK_RESERVE = round(1e9 * env.decimal("SOUNDSCAPES_DISK_RESERVE", default=2.0))
# Limits of new accounts, and the days over which they grow to the full limits.
NEW_ACCOUNT_DAYS = env.whole("SOUNDSCAPES_NEW_ACCOUNT_DAYS", default=7)
NEW_DURATION = env.whole("SOUNDSCAPES_NEW_DURATION", default=300)  # seconds
NEW_STORAGE = round(1e9 * env.decimal("SOUNDSCAPES_NEW_STORAGE", default=1.0))
NEW_QUEUE = env.whole("SOUNDSCAPES_NEW_QUEUE", default=10)
# Number of proxies in a chain that set X-Forwarded-For.
PROXIES = env.whole("SOUNDSCAPES_PROXIES", default=0)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        # The first class decides between 401 and 403: a token has a WWW-Authenticate header.
        "soundscapes.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "soundscapes.api.permissions.TokenScope",
    ],
    "DEFAULT_PAGINATION_CLASS": "soundscapes.api.pagination.Pages",
    "DEFAULT_THROTTLE_CLASSES": ["soundscapes.api.throttles.QuotaThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["soundscapes.api.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "soundscapes.api.exceptions.handle",
    "URL_FORMAT_OVERRIDE": None,  # ?format= selects an audio format here
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Soundscapes",
    "DESCRIPTION": "Turns images into soundscapes: you hear the place that an image shows.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "StateEnum": "soundscapes.models.State",
        "StatusEnum": "soundscapes.api.serializers.jobs.Status",
        "WebhookEventEnum": "soundscapes.models.Event",
        "SoundKindEnum": "soundscapes.models.categories.KINDS",
        "WorkKindEnum": "soundscapes.jobs.kinds.choices",
        "QuotaKindEnum": "soundscapes.limits.quotas.Kind",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "soundscapes.api.schema.describe",
    ],
}
REST_KNOX = {"TOKEN_TTL": None}
KNOX_TOKEN_MODEL = "soundscapes.ApiToken"

# The queue. Twice the longest normal task, so that it only stops stuck ones.
TASK_TIMEOUT = 180  # seconds
QUEUE_POLL = 1.0  # seconds; a fallback for lost wake-ups
CLUSTER_WORKERS = env.whole(
    "SOUNDSCAPES_WORKERS", default=max(1, min(2, os.cpu_count() or 1)), least=1
)
# Seconds without a heartbeat after which `manage.py start` restarts the cluster, which sends one
# every 10 s during a job, and seconds without a response after which it restarts the web server.
CLUSTER_SILENCE = env.whole("SOUNDSCAPES_CLUSTER_SILENCE", default=60, least=15)
WEB_SILENCE = env.whole("SOUNDSCAPES_WEB_SILENCE", default=60, least=1)
# Seconds that a job may wait before /readyz reports that the workers cannot keep up.
QUEUE_PATIENCE = env.whole("SOUNDSCAPES_QUEUE_PATIENCE", default=900, least=1)
Q_CLUSTER = {
    "name": "soundscapes",
    "orm": "default",
    "broker_class": "soundscapes.jobs.wake_up.WakeUpBroker",
    "workers": CLUSTER_WORKERS,
    "timeout": TASK_TIMEOUT,
    # The retry clock starts when a task is prefetched, so it also covers the tasks before it.
    "bulk": 1,
    "queue_limit": 1,
    "retry": TASK_TIMEOUT * (1 + ceil(2 / CLUSTER_WORKERS)) + 30,
    "poll": QUEUE_POLL,
    "guard_cycle": 0.5,
    "ack_failures": True,
    "max_attempts": 1,
    "save_limit": 100,
    "catch_up": False,
    "recycle": 5000,
    "label": "Queue",
}

# Unfinished jobs per user, and in total, above which new ones are refused.
QUEUE_PER_USER = env.whole("SOUNDSCAPES_QUEUE_PER_USER", default=100, least=1)
QUEUE_LENGTH = env.whole("SOUNDSCAPES_QUEUE_LENGTH", default=500, least=1)

API_WAIT_SECONDS = 20.0  # how long a documented endpoint waits for the worker before it sends 202
# Requests of one web process that may wait at the same time: half of its threads.
API_WAITERS = 4

SEARCH_WAIT_SECONDS = 2.0  # how long the API's lists wait for the vectors of new words

# Matching
ENCODER = env.choice("SOUNDSCAPES_ENCODER", ("auto", "clip", "siglip", "offline"), default="auto")
CLIP_MODEL = env.str("SOUNDSCAPES_CLIP_MODEL", default="ViT-B/32")
CLIP_WEIGHTS = env.str("SOUNDSCAPES_CLIP_WEIGHTS", default="")
FETCH_WEIGHTS = env.flag("SOUNDSCAPES_FETCH_WEIGHTS", default=True)
ENCODER_CACHE = encoder_cache()
ESC50_ONLY = env.flag("SOUNDSCAPES_ESC50_ONLY", default=False)  # as in engine/catalogue.py

# Sound
TARGET_LUFS = env.decimal(  # as in engine/sound/planner.py
    "SOUNDSCAPES_LUFS", default=-18.0, least=-40.0, most=-10.0
)
