"""The pace of endless responses: ahead at first, then as fast as the sound, without a gap."""

import io

import pytest

from soundscapes.engine.errors import EngineError
from soundscapes.http import streaming
from soundscapes.http.streaming import (
    AHEAD,
    CALM_INTERVAL,
    FAULT_INTERVAL,
    MOST,
    EndlessResponse,
    Pace,
)

RATE = 1000
PIECE = 60 * RATE


class Made:
    """A source of numbered pieces, of which so many are made."""

    rate = RATE

    def __init__(self, made: int = 100, ends_after: int = 100) -> None:
        self.made, self.ends_after = made, ends_after
        self.asked = 0
        self.opened: list[io.BytesIO] = []
        self.is_closed = False

    def following(self):
        self.asked += 1
        given = len(self.opened)
        if given == self.ends_after:
            raise EngineError("That was all.")
        if given == self.made:
            return None
        self.opened.append(io.BytesIO(bytes([given]) * PIECE))
        return self.opened[-1]

    def close(self):
        self.is_closed = True


@pytest.fixture
def clock(monkeypatch):
    """A clock that a test moves; asking takes no time."""

    class Clock:
        now = 100.0

    monkeypatch.setattr(streaming, "monotonic", lambda: Clock.now)
    return Clock


def at_once(function):
    function()


def played(pace, clock, seconds, step=0.5):
    """Return what is read in so many seconds."""
    read = b""
    for _ in range(round(seconds / step)):
        clock.now += step
        while piece := pace.read(clock.now):
            assert len(piece) <= MOST
            read += piece
    return read


def test_a_player_gets_some_seconds_at_once_and_then_the_pace_of_the_sound(clock):
    pace = Pace(Made(), at_once)
    assert len(played(pace, clock, 1)) == pytest.approx((AHEAD + 1) * RATE, rel=0.05)
    assert len(played(pace, clock, 30)) == pytest.approx(30 * RATE, rel=0.05)


def test_pieces_follow_each_other_without_a_gap(clock):
    source = Made()
    read = played(Pace(source, at_once), clock, 200)
    assert read == b"".join(bytes([n]) * PIECE for n in range(10))[: len(read)]
    assert len(read) == pytest.approx((200 + AHEAD) * RATE, rel=0.05)
    assert [file.closed for file in source.opened] == [True] * 3 + [False] * 2


def test_the_next_piece_is_asked_for_while_the_current_one_plays(clock):
    source = Made(made=1)
    pace = Pace(source, at_once)
    played(pace, clock, 2)
    asked = source.asked
    assert asked >= 2
    played(pace, clock, 10)
    assert source.asked - asked <= 10 / CALM_INTERVAL + 1
    source.made = 2
    assert len(played(pace, clock, 60)) == pytest.approx(60 * RATE, rel=0.05)


def test_what_is_late_is_caught_up(clock):
    source = Made(made=1)
    pace = Pace(source, at_once)
    assert len(played(pace, clock, 90)) == PIECE
    source.made = 9
    assert len(played(pace, clock, 10)) == pytest.approx((100 + AHEAD) * RATE - PIECE, rel=0.05)


def test_it_ends_after_the_last_piece(clock):
    pace = Pace(Made(ends_after=2), at_once)
    assert len(played(pace, clock, 200)) == 2 * PIECE
    assert pace.has_ended


def test_a_failure_is_followed_by_another_question(clock):
    source = Made()
    following = source.following

    def failing():
        source.following = following
        raise OSError("the database is away")

    source.following, asked = failing, []
    pace = Pace(source, asked.append)
    with pytest.raises(OSError, match="away"):
        asked.pop()()
    clock.now += FAULT_INTERVAL / 2
    assert pace.read(clock.now) == b""
    assert asked == []
    clock.now += FAULT_INTERVAL
    assert pace.read(clock.now) == b""
    asked.pop()()
    assert pace.read(clock.now)
    assert not pace.has_ended


def test_closing_gives_back_everything(clock):
    source = Made()
    pace = Pace(source, at_once)
    played(pace, clock, 5)
    pace.close()
    assert source.is_closed
    assert all(file.closed for file in source.opened)
    assert pace.has_ended


def test_a_piece_that_comes_after_closing_is_given_back(clock):
    source, late = Made(), []
    pace = Pace(source, late.append)
    pace.close()
    for function in late:
        function()
    assert all(file.closed for file in source.opened)
    assert source.is_closed


def test_a_server_without_an_event_loop_sends_the_pieces_itself(clock, monkeypatch):
    def sleep(seconds):
        clock.now += seconds

    monkeypatch.setattr(streaming, "sleep", sleep)
    source = Made(ends_after=1)
    response = EndlessResponse(source, "audio/mpeg")
    assert b"".join(response) == bytes(PIECE)
    assert source.is_closed
