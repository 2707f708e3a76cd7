"""The commands' base: what the engine refuses is an error of the command."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from soundscapes.engine.errors import EngineError
from soundscapes.management.command import EngineCommand


class Refusing(EngineCommand):
    def handle(self, *_args, **_options):
        raise EngineError("There is no sound. Add one.")


def test_a_refusal_of_the_engine_is_told_in_its_words():
    with pytest.raises(CommandError, match=r"There is no sound\. Add one\."):
        call_command(Refusing())
