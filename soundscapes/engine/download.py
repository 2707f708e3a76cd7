"""Resumable, verified and atomic HTTP downloads."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final

import requests
from filelock import FileLock, Timeout

from soundscapes.engine.checksums import sha256_of
from soundscapes.engine.errors import DownloadError

Progress = Callable[[int, int | None], None]  # bytes so far, and the total if known
Check = Callable[[Path], bool]  # true if a file is complete and of the expected kind

READ_TIMEOUT: Final = 30.0
ATTEMPTS: Final = 5
_CHUNK = 1 << 16  # the most that a broken connection loses
_NO_HEAD = (403, 405, 501)  # of servers that may answer GET all the same, such as S3's signed URLs
_PLAIN = {"Accept-Encoding": "identity"}


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    is_whole: Check | None = None,
    headers: Mapping[str, str] | None = None,
    connect_timeout: float = 5.0,
    progress: Progress | None = None,
) -> None:
    """Fetch `url` into `target` unless it is there, resuming the partial file next to it.

    One process at a time: two would mix their bytes in the partial file. No host that the server
    redirects to gets an Authorization among the `headers`. The file must match the checksum
    `sha256`, or without one pass `is_whole`. Raise DownloadError.
    """
    timeout = (connect_timeout, READ_TIMEOUT)
    with requests.Session() as session:
        session.headers.update(headers or {})
        version = sha256 or _version(session, url, timeout)
        part = target.with_name(f"{target.name}.{version[:12]}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _alone(target.with_suffix(".lock")):
                if not target.exists():
                    _complete(part, partial(_append, session, url, part, timeout, progress))
                    _verify(part, sha256, is_whole)
                    part.replace(target)
        except Timeout as error:
            raise DownloadError(
                "another process is downloading it; try again when that one has finished"
            ) from error
        except OSError as error:
            raise DownloadError(f"cannot write to {target.parent} ({error})") from error


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Hold a lock file, and delete it at the end. Raise Timeout if another process holds it.

    It is deleted while it is held: filelock takes no file that is deleted by then, so nobody who
    has just opened this one holds it beside the owner of a new one.
    """
    with FileLock(lock, blocking=False):
        try:
            yield
        finally:
            with suppress(OSError):
                lock.unlink()


def _version(session: requests.Session, url: str, timeout: tuple[float, float]) -> str:
    """Return a version identifier, so that a download never resumes a different file."""
    try:
        response = session.head(url, timeout=timeout, headers=_PLAIN, allow_redirects=True)
        if response.status_code not in _NO_HEAD:
            response.raise_for_status()
    except requests.RequestException as error:
        raise DownloadError(_reason(error)) from error
    values = [response.headers.get(name, "") for name in ("ETag", "Last-Modified")]
    return hashlib.sha256("\n".join(values).encode()).hexdigest()


def _verify(part: Path, expected: str | None, is_whole: Check | None) -> None:
    if expected is not None and sha256_of(part) != expected:
        part.unlink()
        raise DownloadError("the file's checksum differs from the published one")
    if is_whole is not None and not is_whole(part):
        part.unlink()
        raise DownloadError("the file is incomplete or not of the expected kind")


def _complete(part: Path, append: Callable[[], None]) -> None:
    """Append to `part` until complete, reconnecting a few times."""
    for attempt in range(1, ATTEMPTS + 1):
        before = part.stat().st_size if part.exists() else 0
        try:
            append()
        except requests.RequestException as error:
            after = part.stat().st_size if part.exists() else 0
            if attempt == ATTEMPTS or after <= before:
                kept = f"; {after:,} bytes are kept for the next attempt" if after else ""
                raise DownloadError(_reason(error) + kept) from error
        else:
            return


def _append(
    session: requests.Session,
    url: str,
    part: Path,
    timeout: tuple[float, float],
    progress: Progress | None,
) -> None:
    with part.open("ab") as file:
        have = file.tell()
        headers = _PLAIN | ({"Range": f"bytes={have}-"} if have else {})
        with session.get(url, timeout=timeout, headers=headers, stream=True) as response:
            if have and response.status_code == requests.codes.range_not_satisfiable:
                return
            response.raise_for_status()
            if response.status_code != requests.codes.partial:
                have = 0
                file.truncate(0)
            rest = response.headers.get("Content-Length", "")
            total = have + int(rest) if rest.isdecimal() else None
            for chunk in response.iter_content(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if progress:
                    progress(have, total)
        file.flush()
        os.fsync(file.fileno())


def _reason(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"the server returned {error.response.status_code} {error.response.reason}"
    # A stalled body raises a ConnectionError that wraps urllib3's own timeout.
    if isinstance(error, requests.Timeout) or "timed out" in str(error).lower():
        return "the server did not respond in time"
    if isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "the connection was lost"
    if isinstance(error, ValueError):  # as requests reports URLs
        return "it is not a valid HTTP URL"
    if isinstance(error, requests.exceptions.SSLError):
        return "the server's certificate is not trusted"
    if isinstance(error, requests.ConnectionError):
        return "the server is unreachable"
    return f"the download failed ({type(error).__name__})"
