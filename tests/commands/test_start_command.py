"""Requirements of manage.py start."""

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


@pytest.fixture
def taken_port():
    """A port in use."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()
