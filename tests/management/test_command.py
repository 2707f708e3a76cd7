"""The base class of management commands."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError

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
