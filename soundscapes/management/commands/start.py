"""Start the application: the web server and the queue cluster, or only the latter."""

import errno
import socket
from functools import partial
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from soundscapes.accounts import first_administrator
from soundscapes.files.storage import check_storage
from soundscapes.images.matching import check_settings
from soundscapes.jobs.supervisor import Supervisor, is_listening, queue_cluster, web_server
from soundscapes.management.command import EngineCommand


def _refusal(host: str, port: int, error: OSError) -> str:
    """Return why a server cannot listen there, and what to choose instead."""
    if error.errno == errno.EADDRINUSE:
        advice = (
            f"Stop the program that uses it, or choose another port: `make run PORT={port + 1}`"
        )
    elif error.errno == errno.EACCES:
        advice = "Choose port 1024 or higher, and let a proxy use this one"
    else:
        return (
            f"Cannot use the host {host}: {error.strerror}. Choose an address of this machine, or "
            "0.0.0.0 for all of them: `make run HOST=0.0.0.0`."
        )
    return f"Cannot use port {port}: {error.strerror}. {advice}."


class Command(EngineCommand):
    help = "Start the web server and the workers, and restart them if they fail."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--without-web",
            action="store_true",
            help="start only the workers, if another machine or service is the web server",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        self._require_setup()
        check_settings()
        check_storage()
        if options["without_web"]:
            self._work()
        else:
            self._serve(options["host"], options["port"])

    def _work(self) -> None:
        say = partial(self._say, "\nThe Soundscapes workers are running (press Ctrl-C to stop)\n")
        Supervisor([queue_cluster()]).run(is_up=lambda: True, say=say)

    def _serve(self, host: str, port: int) -> None:
        self._require_port(host, port)
        children = [web_server(host, port), queue_cluster()]
        is_up = partial(is_listening, host, port)
        Supervisor(children).run(is_up, say=partial(self._say, self._welcome(host, port)))

    def _welcome(self, host: str, port: int) -> str:
        shown = "localhost" if host in ("127.0.0.1", "0.0.0.0") else host  # noqa: S104  # nosec B104  # a name to show
        running = f"\nSoundscapes is running at http://{shown}:{port} (press Ctrl-C to stop)\n"
        return running + self._code()

    def _code(self) -> str:
        """Return the code that creates the first administrator in the browser, if none exists."""
        if not first_administrator.is_missing():
            return ""
        connection.close()
        code = first_administrator.code()
        return f"Create the administrator there with this one-time code: {code}\n"

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()  # a file or pipe would be buffered

    def _require_setup(self) -> None:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise CommandError("The database is not up to date. Run `make setup` first.")
        connection.close()

    def _require_port(self, host: str, port: int) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OverflowError as error:
                raise CommandError(f"Cannot use port {port}: choose one up to 65535.") from error
            except OSError as error:
                raise CommandError(_refusal(host, port, error)) from error
