"""Endless responses, which occupy no thread between their pieces.

The web server (server.py) takes the source of such a response and sends it from its event loop, at
the pace of the sound. Threads only fetch what follows, about once a minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from threading import Lock
from time import monotonic, sleep
from typing import BinaryIO, Protocol

from django.http import StreamingHttpResponse

from soundscapes.engine.errors import EngineError

logger = logging.getLogger(__name__)

AHEAD = 20.0  # seconds that a player gets at once, against pauses of its connection
MOST = 64 * 2**10  # bytes at once
ASK_INTERVAL = 0.5  # seconds between questions for what a player waits for
CALM_INTERVAL = 5.0  # and for what it needs later
FAULT_INTERVAL = 10.0  # seconds after a failed question

HAND_OVER = "soundscapes.hand_over"
"""Key of the WSGI environment: a function of a source, which takes over the connection."""


class Source(Protocol):
    rate: int
    """Bytes per second."""

    def following(self) -> BinaryIO | None:
        """Return the next piece as an open file, or None if it is not made yet.

        Raise EngineError if there is none.
        """

    def close(self) -> None: ...


class EndlessResponse(StreamingHttpResponse):
    """A response whose source the server may take over; other servers use a thread."""

    def __init__(self, source: Source, content_type: str) -> None:
        super().__init__(_pieces(source), content_type=content_type)
        self.source = source


def _pieces(source: Source) -> Iterator[bytes]:
    pace = Pace(source, run=lambda task: task())
    try:
        while not pace.has_ended:
            if piece := pace.read(monotonic()):
                yield piece
            else:
                sleep(ASK_INTERVAL)
    finally:
        pace.close()


class Pace:
    """Reads a source at its rate, and asks for the next piece while the current one plays.

    `run` calls a function in a thread, because asking takes a while.
    """

    def __init__(self, source: Source, run: Callable[[Callable[[], None]], None]) -> None:
        self._source, self._run = source, run
        self._current: BinaryIO | None = None
        self._next: BinaryIO | None = None
        self._is_asking, self._has_all, self._is_closed = True, False, False
        self._ask_at = 0.0
        self._began: float | None = None
        self._read = 0
        self._lock = Lock()
        self._run(self._ask)

    @property
    def has_ended(self) -> bool:
        return self._has_all and self._current is None and self._next is None

    def read(self, now: float) -> bytes:
        """Return what is due at a time in seconds, up to MOST bytes."""
        if self._current is None:
            self._current, self._next = self._next, None
        if self._next is None and not self._is_asking and not self._has_all and now > self._ask_at:
            self._is_asking = True
            self._run(self._ask)
        if self._current is None:
            return b""
        if self._began is None:
            self._began = now
        due = round((now - self._began + AHEAD) * self._source.rate) - self._read
        piece = self._current.read(min(MOST, due)) if due > 0 else b""
        self._read += len(piece)
        if due > 0 and not piece:
            self._current.close()
            self._current = None
        return piece

    def _ask(self) -> None:
        following, interval = None, FAULT_INTERVAL
        try:
            following = self._source.following()
            interval = ASK_INTERVAL if self._current is None else CALM_INTERVAL
        except EngineError as error:
            logger.info("A stream ends: %s", error)
            self._has_all = True
        finally:
            with self._lock:
                if self._is_closed and following is not None:
                    following.close()
                else:
                    self._next = following
                self._ask_at = monotonic() + interval
                self._is_asking = False

    def close(self) -> None:
        """Give back what is open."""
        with self._lock:
            self._is_closed = self._has_all = True
            for file in (self._current, self._next):
                if file is not None:
                    file.close()
            self._current = self._next = None
        self._run(self._source.close)
