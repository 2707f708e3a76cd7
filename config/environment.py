"""The environment: variables, the file .env, and readers of values.

A wrong value raises ImproperlyConfigured with the name of its variable and what is allowed.
"""

import math
import os
from contextlib import suppress
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASES = ("postgres://", "postgresql://", "sqlite://")
YES, NO = ("on", "true", "yes", "1"), ("off", "false", "no", "0")


class Environment(environ.FileAwareEnv):
    """Variables without surrounding spaces. An empty one counts as unset.

    django-environ takes every unknown word for False, "1e3" for 13 and "$x" for another variable.
    """

    def get_value(
        self,
        var: str,
        cast: Any = None,
        default: Any = environ.Env.NOTSET,
        parse_default: bool = False,
    ) -> Any:
        """Return a text, which the methods below parse, or the default as it is."""
        try:
            text: str = self.ENVIRON[var].strip()
        except KeyError:
            return default
        except (OSError, UnicodeError) as error:
            raise ImproperlyConfigured(f"{var}_FILE cannot be read: {error}.") from error
        if not text:
            return default
        return [part.strip() for part in text.split(",") if part.strip()] if cast is list else text

    def flag(self, var: str, default: bool) -> bool:
        value = self.str(var, default=YES[0] if default else NO[0]).lower()
        if value not in (*YES, *NO):
            raise ImproperlyConfigured(f"{var} must be on or off, not {value}.")
        return value in YES

    def choice(self, var: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of the allowed words, whatever the case in which it is set."""
        value = self.str(var, default=default)
        for word in allowed:
            if word.lower() == value.lower():
                return word
        *words, last = allowed
        raise ImproperlyConfigured(f"{var} must be {', '.join(words)} or {last}, not {value}.")

    def whole(self, var: str, default: int, *, least: int = 0) -> int:
        value = self.str(var, default=str(default))
        if not value.isdecimal() or int(value) < least:
            raise ImproperlyConfigured(
                f"{var} must be a whole number of at least {least}, not {value}."
            )
        return int(value)

    def decimal(
        self, var: str, default: float, *, least: float = 0.0, most: float = math.inf
    ) -> float:
        value = self.str(var, default=str(default))
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not least <= number <= most or math.isinf(number):
            allowed = (
                f"of at least {least:g}" if math.isinf(most) else f"from {least:g} to {most:g}"
            )
            raise ImproperlyConfigured(
                f"{var} must be a number {allowed}, such as {default:g}, not {value}."
            )
        return number

    def database(self, var: str, default: str) -> dict[str, Any]:
        """Return Django's settings of PostgreSQL or SQLite."""
        # Others are not parsed: django-environ's warning about them shows the password.
        if self.str(var, default=default).startswith(DATABASES):
            with suppress(ValueError):
                found: dict[str, Any] = self.db_url(var, default=default)
                if found["NAME"] or found.get("OPTIONS"):
                    return found
        raise ImproperlyConfigured(
            f"{var} must look like postgres://user:password@host/name, with %-codes for special "
            "characters in the password."
        )

    def mail(self, var: str, default: str) -> dict[str, Any]:
        """Return Django's settings of a mail server."""
        try:
            found: dict[str, Any] = self.email_url(var, default=default)
        except (ImproperlyConfigured, ValueError) as error:
            raise ImproperlyConfigured(
                f"{var} must look like smtp+tls://user:password@host:587, with %-codes for special "
                "characters in the password."
            ) from error
        return found


env = Environment()  # type: ignore[no-untyped-call]  # django-environ's
env.read_env(BASE_DIR / ".env")


def networks(name: str, value: str) -> list[IPv4Network | IPv6Network]:
    """Parse comma-separated addresses and networks, such as 10.0.0.0/8."""
    try:
        return [ip_network(part.strip()) for part in value.split(",") if part.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must be IP addresses or networks such as 10.0.0.0/8: {error}."
        ) from error


def origin(name: str, url: str) -> str:
    """Return the scheme, host and port of a URL."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ImproperlyConfigured(f"{name} must be a URL that begins with https://, not {url}.")
    return f"{parts.scheme}://{parts.netloc}"


def usable_folder(name: str, path: Path, mode: int = 0o777) -> None:
    """Create a folder unless it exists."""
    try:
        path.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as error:
        raise ImproperlyConfigured(
            f"{name} must be a folder: {path} cannot be created ({error.strerror})."
        ) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise ImproperlyConfigured(
            f"{name} must be a folder that this user can write to, unlike {path}."
        )
