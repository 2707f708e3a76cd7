"""`manage.py dev` is for development only; tests/live/test_development.py runs it."""

import pytest
from django.core.management import CommandError, call_command


def test_it_refuses_to_serve_without_debug(settings):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG=on"):
        call_command("dev")
