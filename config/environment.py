"""The environment: variables, the file .env, and readers of values."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()
env.read_env(BASE_DIR / ".env")


def networks(name: str, value: str) -> list[IPv4Network | IPv6Network]:
    """Parse comma-separated addresses and networks, such as 10.0.0.0/8."""
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be IP addresses or networks such as 10.0.0.0/8: {error}."
        ) from error


def origin(url: str) -> str:
    """Return the scheme, host and port of a URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(f"{url} must be a URL that begins with https://.")
    return f"{parts.scheme}://{parts.netloc}"
