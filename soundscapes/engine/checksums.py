"""Checksums of files."""

import hashlib
from functools import lru_cache
from pathlib import Path

_SAMPLES, _SAMPLE_BYTES = 16, 1 << 16  # read for a file's fingerprint


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(path: Path) -> str:
    """Return eight hexadecimal digits from a file's size and samples. Raise OSError.

    Training changes all weights, so samples suffice and take a thousandth of a full read's time.
    """
    status = path.stat()
    return _fingerprint(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=8)
def _fingerprint(path: Path, size: int, _modified: int) -> str:
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        for number in range(_SAMPLES):
            file.seek(size * number // _SAMPLES)
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:8]
