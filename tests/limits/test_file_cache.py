"""Counters in the shared cache."""

import subprocess
import sys

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.django_db


COUNT = """
import sys
from django.utils.module_loading import import_string
backend, location, prefix = sys.argv[1:]
cache = import_string(backend)(location, {"KEY_PREFIX": prefix})
cache.add("n", 0)
for _ in range(200):
    cache.incr("n")
"""


def test_processes_count_together_and_lose_none(settings):
    """In files, and in Redis where there is one."""
    used = settings.CACHES["default"]
    command = [sys.executable, "-c", COUNT, used["BACKEND"], used["LOCATION"], used["KEY_PREFIX"]]
    processes = [
        subprocess.Popen(command, env={"DJANGO_SETTINGS_MODULE": "tests.settings"})
        for _number in range(3)
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert cache.get("n") == 600


def test_a_counter_that_is_not_there_cannot_be_raised():
    with pytest.raises(ValueError, match="not found"):
        cache.incr("nothing")
