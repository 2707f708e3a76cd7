"""A cache in files whose counters can be trusted by several processes of one machine."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class CountingFileCache(FileBasedCache):
    """Django's, with `add` and `incr` under a lock: two processes never count the same number."""

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self._lock(key, version):
            return super().add(key, value, timeout, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        with self._lock(key, version):
            value: int | None = self.get(key, version=version)
            if value is None:
                raise ValueError(f"Key {key!r} not found")
            self.set(key, value + delta, version=version)
            return value + delta

    @contextmanager
    def _lock(self, key: Any, version: int | None) -> Iterator[None]:
        """One of 256 lock files, by the key."""
        folder = Path(self._dir) / "locks"  # type: ignore[attr-defined]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = Path(self._key_to_file(key, version)).name[:2]  # type: ignore[attr-defined]
        with (folder / name).open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
