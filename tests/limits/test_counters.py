"""Counters that processes share, in a table or in Redis."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest

from soundscapes.limits import counters

SET_UP = """
import django
django.setup()
from django.db import connection
from soundscapes.limits import counters
from soundscapes.models import QuotaCount
"""
MAKE_TABLE = """
with connection.schema_editor() as editor:
    editor.create_model(QuotaCount)
"""
COUNT = """
import sys
for _time in range(200):
    counters.increment(sys.argv[1], 60)
"""
SHOW = """
import sys
print(counters.counts([sys.argv[1], "m"])[sys.argv[1]])
"""


def test_processes_count_together_and_lose_none(tmp_path):
    """In a file of SQLite, and in Redis where there is one."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    key = uuid4().hex

    def start(script: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SET_UP + script, key]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)

    assert start(MAKE_TABLE).wait(60) == 0
    processes = [start(COUNT) for _number in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert start(SHOW).communicate(timeout=60)[0].strip() == "600"


@pytest.mark.django_db
def test_a_counter_is_reset_alone():
    for key in "nm":
        counters.increment(key, 60)
    counters.reset("n")
    assert counters.counts(["n", "m"]) == {"m": 1}
    assert counters.increment("n", 60) == 1


@pytest.mark.django_db
def test_no_count_is_forgotten_for_ten_thousand_others():
    counters.increment("n", 60)
    for number in range(10_000):
        counters.increment(f"other {number}", 60)
    assert counters.increment("n", 60) == 2
