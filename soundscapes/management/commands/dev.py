"""Serve the application for development."""

import sys
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from soundscapes.jobs.supervisor import Child, Supervisor, Unwatched, is_listening
from soundscapes.management.commands import start

CODE = ("config", "soundscapes")  # folders whose changes restart the workers


class Command(start.Command):
    help = "Serve the application for development: reload on code changes, show tracebacks."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("DEBUG is off. Run `make dev`, or set DEBUG=on.")
        super().handle(*args, **options)

    def _serve(self, host: str, port: int) -> None:
        self._require_port(host, port)
        manage = [sys.executable, "manage.py"]
        workers = ["-m", "watchfiles", "--filter", "python", f"{sys.executable} manage.py qcluster"]
        children = [
            Child("web server", [*manage, "runserver", f"{host}:{port}"], Unwatched()),
            Child("queue cluster", [sys.executable, *workers, *CODE], Unwatched()),
        ]
        Supervisor(children).run(
            partial(is_listening, host, port), say=partial(self._say, self._welcome(host, port))
        )
