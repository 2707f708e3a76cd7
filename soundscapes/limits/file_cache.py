"""File cache with counters that are atomic across processes of one machine."""

import fcntl
import os
import pickle  # nosec B403  # as Django's cache does, in files that only this user can write
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache


class CountingFileCache(FileBasedCache):
    """Django's file cache with locked counting.

    Counters are written in place: Django's rename makes ext4 wait for the disk, 7 of a request's 10
    ms.
    """

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        with self._lock(key, version, fcntl.LOCK_SH):
            return super().get(key, default, version)

    def add(
        self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        with self._lock(key, version, fcntl.LOCK_EX):
            return super().add(key, value, timeout, version)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        """Raise ValueError for a missing counter."""
        with self._lock(key, version, fcntl.LOCK_EX):
            path = Path(self._file_of(key, version))
            if not path.exists():
                raise ValueError(f"Key {key!r} not found")
            with path.open("r+b") as file:
                if self._is_expired(file):  # type: ignore[attr-defined]
                    raise ValueError(f"Key {key!r} not found")
                value: int = pickle.loads(zlib.decompress(file.read()))  # noqa: S301  # nosec B301  # our own
                file.seek(0)
                self._write_content(file, DEFAULT_TIMEOUT, value + delta)  # type: ignore[attr-defined]
                file.truncate()
            return value + delta

    def _file_of(self, key: Any, version: int | None) -> str:
        return str(self._key_to_file(key, version))  # type: ignore[attr-defined]

    @contextmanager
    def _lock(self, key: Any, version: int | None, kind: int) -> Iterator[None]:
        """Lock one of 256 files, chosen by key."""
        folder = Path(self._dir) / "locks"  # type: ignore[attr-defined]
        path = folder / Path(self._file_of(key, version)).name[:2]
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, kind)
            yield
        finally:
            os.close(descriptor)
