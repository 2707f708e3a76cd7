"""The base class of management commands."""

import sqlite3
from contextlib import ExitStack, closing

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError as Error
from django.db import IntegrityError, OperationalError

from soundscapes.engine.errors import EngineError
from soundscapes.management.command import EngineCommand


class Refusing(EngineCommand):
    def handle(self, *_args, **_options):
        raise EngineError("There is no sound. Add one.")


def test_engine_errors_are_printed_as_command_errors():
    with pytest.raises(CommandError, match=r"There is no sound\. Add one\."):
        call_command(Refusing())


class WithoutDatabase(EngineCommand):
    def handle(self, *_args, **_options):
        raise OperationalError("connection refused\n")


def test_a_database_that_does_not_answer_is_named():
    with pytest.raises(CommandError, match=r"\(connection refused\)\. Check DATABASE_URL"):
        call_command(WithoutDatabase())


class Failing(EngineCommand):
    """Fail with an error of the database as Django reports it, or with another one."""

    def __init__(self, error):
        super().__init__()
        self._error = error

    def handle(self, *_args, **_options):
        if not isinstance(self._error, sqlite3.Error):
            raise self._error
        kind = OperationalError if isinstance(self._error, sqlite3.OperationalError) else Error
        raise kind(str(self._error)) from self._error


def error_of(*statements, file):
    """Return the error of the last statement, each in a connection of its own."""
    with ExitStack() as connections:
        for statement in statements:
            one = connections.enter_context(closing(sqlite3.connect(file, timeout=0)))
            try:
                one.executescript(statement)
            except sqlite3.Error as error:
                return error
    raise AssertionError(statements)


STATEMENTS = {
    "Another process is writing": ["BEGIN IMMEDIATE", "BEGIN IMMEDIATE"],
    "Free some disk space": ["PRAGMA page_size=512; PRAGMA max_page_count=1; CREATE TABLE a (b)"],
    "Make its file and folder writable": ["PRAGMA query_only=ON; CREATE TABLE a (b)"],
    "run `make setup`": ["SELECT * FROM soundscapes_category"],
}


@pytest.mark.parametrize(("advice", "statements"), STATEMENTS.items(), ids=STATEMENTS)
def test_the_advice_follows_the_error_of_the_database(advice, statements, tmp_path):
    error = error_of(*statements, file=tmp_path / "db")
    with pytest.raises(CommandError, match=rf"\({error}\)\. .*{advice}"):
        call_command(Failing(error))


def test_a_damaged_database_is_named(tmp_path):
    file = tmp_path / "db"
    file.write_text("Dear all, see you on Monday." * 99)
    with pytest.raises(CommandError, match=r"file is not a database.*manage\.py restore"):
        call_command(Failing(error_of("CREATE TABLE a (b)", file=file)))


def test_a_fault_of_the_program_keeps_its_traceback():
    with pytest.raises(IntegrityError):
        call_command(Failing(IntegrityError("twice")))


def test_a_file_that_cannot_be_used_is_named():
    error = PermissionError(13, "Permission denied", "/srv/texts")
    with pytest.raises(CommandError, match=r"Permission denied: '/srv/texts'\. Check"):
        call_command(Failing(error))


def test_a_reader_that_has_ended_is_no_fault_of_a_file():
    with pytest.raises(CommandError, match="program that reads this output has ended"):
        call_command(Failing(BrokenPipeError(32, "Broken pipe")))


def test_an_interruption_is_said_without_a_traceback():
    with pytest.raises(CommandError, match="Interrupted") as caught:
        call_command(Failing(KeyboardInterrupt()))
    assert caught.value.returncode == 130
