"""manage.py start: what it asks for before it serves."""

import socket

import pytest
from django.core.management import CommandError, call_command
from django.db.migrations.executor import MigrationExecutor

pytestmark = pytest.mark.django_db


def test_start_asks_for_a_set_up_where_the_database_is_old(monkeypatch):
    monkeypatch.setattr(MigrationExecutor, "migration_plan", lambda *_args: ["one to come"])
    with pytest.raises(CommandError, match="make setup"):
        call_command("start")


def test_start_asks_for_another_port_where_one_is_taken(taken_port):
    host, port = taken_port
    with pytest.raises(CommandError, match=rf"make run PORT={port + 1}"):
        call_command("start", host=host, port=port)


@pytest.fixture
def taken_port():
    """A port that somebody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()
