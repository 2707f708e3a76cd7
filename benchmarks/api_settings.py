"""The application's settings, with an empty view beside its own and quotas that nobody meets."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.api_urls"
QUOTAS = dict.fromkeys(("read", "upload", "generate", "sign_in"), (10**9, 60))
