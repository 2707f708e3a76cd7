"""Resumable, verified and atomic HTTP downloads."""

import hashlib
import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

import requests

from soundscapes.engine.checksums import sha256_of
from soundscapes.engine.errors import EngineError

Progress = Callable[[int, int | None], None]  # bytes so far, and the total if known
Check = Callable[[Path], bool]  # true if a file is complete and of the expected kind

READ_TIMEOUT: Final = 30.0
ATTEMPTS: Final = 5
_CHUNK = 1 << 16  # the most that a broken connection loses
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLAIN = {"Accept-Encoding": "identity"}


class DownloadError(EngineError):
    """A failed download; the message gives the reason."""


def download(
    url: str,
    target: Path,
    *,
    sha256: str | None = None,
    is_whole: Check | None = None,
    token: str = "",
    connect_timeout: float = 5.0,
    progress: Progress | None = None,
) -> None:
    """Fetch `url` into `target`, resuming the partial file next to it.

    The server gets the bearer `token`, but no host that it redirects to does.
    The file must match the checksum `sha256`, or the server's (X-Linked-Etag of Hugging Face, or an
    ETag that is a SHA-256). Without either it must pass `is_whole`. Raise DownloadError.
    """
    timeout = (connect_timeout, READ_TIMEOUT)
    with requests.Session() as session:
        if token:
            session.headers["Authorization"] = f"Bearer {token}"
        try:
            seen = None if sha256 else _head(session, url, timeout)
        except requests.RequestException as error:
            raise DownloadError(_reason(error)) from error
        expected = sha256 or _declared_checksum(seen)
        if expected is None and is_whole is None:
            raise DownloadError("the server provides no SHA-256 to verify the file with")
        part = target.with_name(f"{target.name}.{(expected or _version(seen))[:12]}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _complete(part, partial(_append, session, url, part, timeout, progress))
            _verify(part, expected, is_whole)
            part.replace(target)
        except OSError as error:
            raise DownloadError(f"cannot write to {target.parent} ({error})") from error


def _head(session: requests.Session, url: str, timeout: tuple[float, float]) -> requests.Response:
    response = session.head(url, timeout=timeout, headers=_PLAIN, allow_redirects=True)
    response.raise_for_status()
    return response


def _declared_checksum(response: requests.Response | None) -> str | None:
    if response is None:
        return None
    for step in (*response.history, response):  # the checksum is in the redirect, not after it
        for name in ("X-Linked-Etag", "ETag"):
            tag = step.headers.get(name, "").removeprefix("W/").strip('"').lower()
            if _SHA256.fullmatch(tag):
                return tag
    return None


def _version(response: requests.Response | None) -> str:
    """Return a version identifier, so that a download never resumes a different file."""
    headers = {} if response is None else response.headers
    values = [headers.get(name, "") for name in ("ETag", "Last-Modified")]
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
            rest = response.headers.get("Content-Length")
            total = have + int(rest) if rest else None
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
    if isinstance(error, requests.ConnectionError):
        return "the server is unreachable"
    return f"the download failed ({type(error).__name__})"
