"""Attack a running server, and print what everybody else notices.

    python -m benchmarks.attacks [NAME ...]

On PostgreSQL and Redis: `python -m tests.live.servers python -m benchmarks.attacks`.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from benchmarks.attacks import availability, limits
from benchmarks.attacks.site import Site
from tests.live.installations import Template, copy_of
from tests.live.server import running

ATTACKS: dict[str, Callable[[Site], str]] = {
    "waiting": availability.waiting_calls,
    "sockets": availability.slow_sockets,
    "conversions": availability.conversions,
    "storage": availability.slow_storage,
    "purge": availability.purging,
    "search": availability.searches,
    "clip": availability.large_clip,
    "photo": availability.large_photo,
    "sign-up": limits.sign_ups,
    "script-name": limits.script_name,
    "guesses": limits.guesses,
    "links": limits.links,
    "administrators": limits.administrators,
    "revocation": limits.revocation,
    "tokens": limits.tokens,
    "parameters": limits.parameters,
}


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(ATTACKS))
    names = parser.parse_args(arguments).names or list(ATTACKS)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    print(f"{psutil.cpu_count()} cores; every attack on an installation of its own")
    with tempfile.TemporaryDirectory() as folder:
        template = Template(Path(folder) / "template")
        template.make()
        for name in names:
            attack = ATTACKS[name]
            print(f"{name}: {attack.__doc__}", flush=True)
            with copy_of(template) as env, running(_settings(env, name)) as server:
                server.wait_for_worker()
                print(f"    {attack(Site(server))}", flush=True)


def _settings(env: dict[str, str], name: str) -> dict[str, str]:
    """Keep the default limits for new accounts; other attacks come from an older account."""
    if name == "storage":
        return env | {"DJANGO_SETTINGS_MODULE": "benchmarks.attacks.slow_settings"}
    if name == "sign-up":
        limited = ("SOUNDSCAPES_QUOTA", "SOUNDSCAPES_NEW", "SOUNDSCAPES_DISK")
        return {key: value for key, value in env.items() if not key.startswith(limited)}
    return env


if __name__ == "__main__":
    main()
