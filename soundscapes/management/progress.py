"""Bars for commands that take a while."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tqdm import tqdm


class ProgressBar:
    """A tqdm bar that appears with the first step, so that nothing to do shows nothing."""

    def __init__(self, title: str, unit: str) -> None:
        self._title = title
        self._unit = unit
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Callable[[int, int], None]:
        return self._step

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _step(self, done: int, total: int) -> None:
        if self._bar is None and done < total:
            self._bar = tqdm(total=total, desc=self._title, unit=self._unit)
        if self._bar is not None:
            self._bar.update(done - self._bar.n)
