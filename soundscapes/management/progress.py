"""Progress bars of management commands."""

from collections.abc import Callable
from typing import Any

from tqdm import tqdm


class ProgressBar:
    """A tqdm bar that appears at the first step, so that no bar is shown without work."""

    def __init__(self, title: str, unit: str, *, is_scaled: bool = False) -> None:
        self._title = title
        self._unit = unit
        self._is_scaled = is_scaled
        self._bar: tqdm[Any] | None = None

    def __enter__(self) -> Callable[[int, int | None], None]:
        return self._step

    def __exit__(self, *_exception: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def _step(self, done: int, total: int | None) -> None:
        if self._bar is None and done != total:
            self._bar = tqdm(
                total=total, desc=self._title, unit=self._unit, unit_scale=self._is_scaled
            )
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._bar.n)
