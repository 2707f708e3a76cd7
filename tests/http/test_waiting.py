"""Waiting for a worker takes a bounded part of the threads."""

import pytest

from soundscapes.http import waiting


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping moves."""
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(waiting, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting, "sleep", sleep)
    return slept


def test_what_is_met_already_is_not_waited_for(clock):
    assert waiting.wait_until(lambda: True, 20.0)
    assert clock == []


def test_it_is_waited_for_until_it_is_met(clock):
    answers = iter([False, False, False, True])
    assert waiting.wait_until(lambda: next(answers), 20.0)
    assert len(clock) == 3


def test_it_is_waited_for_no_longer_than_the_bound_and_asked_ever_more_rarely(clock):
    assert not waiting.wait_until(lambda: False, 20.0)
    assert sum(clock) == pytest.approx(20.0)
    assert clock[0] == waiting.FIRST_INTERVAL
    assert max(clock) == waiting.LONGEST_INTERVAL
    assert clock[:-1] == sorted(clock[:-1])


def test_where_every_place_is_taken_nobody_waits(clock, settings):
    for _place in range(settings.API_WAITERS):
        assert waiting._places.acquire(blocking=False)
    try:
        assert not waiting.wait_until(lambda: False, 20.0)
        assert clock == []
    finally:
        for _place in range(settings.API_WAITERS):
            waiting._places.release()


def test_a_place_is_given_back_whatever_happens(clock, settings):
    def breaks():
        if clock:
            raise RuntimeError("gone")
        return False

    for _time in range(settings.API_WAITERS + 1):
        clock.clear()
        with pytest.raises(RuntimeError):
            waiting.wait_until(breaks, 20.0)
