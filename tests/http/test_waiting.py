"""Waiting for a worker, which occupies a limited number of threads."""

import pytest

from soundscapes.http import waiting


@pytest.fixture
def clock(monkeypatch):
    """A clock that advances only by sleeping."""
    now, slept = [100.0], []

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(waiting, "monotonic", lambda: now[0])
    monkeypatch.setattr(waiting, "sleep", sleep)
    return slept


def test_a_met_condition_needs_no_wait(clock):
    assert waiting.wait_until(lambda: True, 20.0)
    assert clock == []


def test_waiting_ends_when_the_condition_is_met(clock):
    answers = iter([False, False, False, True])
    assert waiting.wait_until(lambda: next(answers), 20.0)
    assert len(clock) == 3


def test_waiting_is_bounded_with_growing_intervals(clock):
    assert not waiting.wait_until(lambda: False, 20.0)
    assert sum(clock) == pytest.approx(20.0)
    assert clock[0] == waiting.FIRST_INTERVAL
    assert max(clock) == waiting.LONGEST_INTERVAL
    assert clock[:-1] == sorted(clock[:-1])


def test_nobody_waits_without_a_free_slot(clock, settings):
    for _slot in range(settings.API_WAITERS):
        assert waiting._slots.acquire(blocking=False)
    try:
        assert not waiting.wait_until(lambda: False, 20.0)
        assert clock == []
    finally:
        for _slot in range(settings.API_WAITERS):
            waiting._slots.release()


def test_a_slot_is_released_after_an_error(clock, settings):
    def breaks():
        if clock:
            raise RuntimeError("gone")
        return False

    for _time in range(settings.API_WAITERS + 1):
        clock.clear()
        with pytest.raises(RuntimeError):
            waiting.wait_until(breaks, 20.0)
