"""Requirements of manage.py start."""

import re
import socket

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db


def test_start_requires_a_current_database(monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_args: ["one to come"])
    with pytest.raises(CommandError, match="make setup"):
        call_command("start")


def test_start_reports_a_port_in_use(taken_port):
    host, port = taken_port
    with pytest.raises(CommandError, match=rf"make run PORT={port + 1}"):
        call_command("start", host=host, port=port)


@pytest.mark.parametrize(
    ("host", "port", "words"),
    [
        ("nosuchhost.invalid", 8000, "Cannot use the host nosuchhost.invalid"),
        ("192.0.2.1", 8000, "make run HOST=0.0.0.0"),
        ("127.0.0.1", 99999, "Cannot use port 99999: choose one up to 65535"),
    ],
)
def test_start_tells_a_wrong_host_from_a_wrong_port(host, port, words):
    with pytest.raises(CommandError, match=re.escape(words)):
        call_command("start", host=host, port=port)


@pytest.fixture
def taken_port():
    """A port in use."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()
