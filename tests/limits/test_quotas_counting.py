"""Counting across processes, in a table or in Redis."""

import os
import subprocess
import sys
from uuid import uuid4

import pytest

from soundscapes.limits import quotas
from soundscapes.limits.quotas import Kind, QuotaExceededError

SET_UP = """
import sys
import django
django.setup()
from django.conf import settings
from django.db import connection
from soundscapes.limits import quotas
from soundscapes.models import QuotaCount
settings.QUOTAS = {"shared": (600, 86_400)}
"""
MAKE_TABLE = """
with connection.schema_editor() as editor:
    editor.create_model(QuotaCount)
"""
COUNT = """
for _time in range(int(sys.argv[2])):
    quotas.take(quotas.Kind.SHARED, sys.argv[1])
"""


def test_concurrent_processes_lose_no_counts(tmp_path):
    """In an SQLite file, and in Redis if available."""
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'db.sqlite3'}",
    }
    who = uuid4().hex

    def start(script: str, times: int = 0) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", SET_UP + script, who, str(times)]
        return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)

    assert start(MAKE_TABLE).wait(60) == 0
    processes = [start(COUNT, 200) for _number in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert "QuotaExceededError" in start(COUNT, 1).communicate(timeout=60)[1]


@pytest.fixture
def _two(settings):
    settings.QUOTAS = {"shared": (2, 86_400)}


@pytest.mark.django_db
@pytest.mark.usefixtures("_two")
def test_only_one_count_is_reset():
    for who in "aabb":
        quotas.take(Kind.SHARED, who)
    quotas.forget(Kind.SHARED, "a")
    quotas.take(Kind.SHARED, "a")
    with pytest.raises(QuotaExceededError):
        quotas.take(Kind.SHARED, "b")


@pytest.mark.django_db
@pytest.mark.usefixtures("_two")
def test_ten_thousand_counts_evict_none():
    for _time in range(2):
        quotas.take(Kind.SHARED, "a")
    for number in range(10_000):
        quotas.take(Kind.SHARED, str(number))
    with pytest.raises(QuotaExceededError):
        quotas.take(Kind.SHARED, "a")
