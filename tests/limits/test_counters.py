"""Counters that processes share, in a table or in Redis."""

from threading import Thread

import pytest
from django.db import connection

from soundscapes.limits import counters


@pytest.mark.django_db(transaction=True)
def test_threads_count_together_and_lose_none():
    def count():
        for _time in range(50):
            counters.increment("n", 60)
        connection.close()

    threads = [Thread(target=count) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters.counts(["n", "m"]) == {"n": 150}
    counters.reset("n")
    assert counters.increment("n", 60) == 1


@pytest.mark.django_db
def test_no_count_is_forgotten_for_ten_thousand_others():
    counters.increment("n", 60)
    for number in range(10_000):
        counters.increment(f"other {number}", 60)
    assert counters.increment("n", 60) == 2
