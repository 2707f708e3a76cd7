"""S3-compatible storage that reads no more than needed."""

import io
from typing import Any

from botocore.exceptions import ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from soundscapes.files import progress

READ_AHEAD = 2**18  # bytes
NOT_FOUND = 404


class ObjectStorage(S3Storage):  # type: ignore[misc]
    """Stream objects from any offset; django-storages downloads the whole object first."""

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        if mode != "rb":
            raise ValueError("Objects can only be written with save().")
        stored = self.bucket.Object(self._normalize_name(clean_name(name)))
        try:
            stored.load()
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == NOT_FOUND:
                raise FileNotFoundError(name) from error
            raise
        return File(io.BufferedReader(ObjectReader(stored), READ_AHEAD), name)

    def _save(self, name: str, content: File[bytes]) -> str:
        return str(super()._save(name, progress.WatchedFile(content)))


class ObjectReader(io.RawIOBase):
    """An object as a file, with one request for each seek."""

    def __init__(self, stored: Any) -> None:
        self._stored = stored
        self._size: int = stored.content_length
        self._at = 0
        self._body: Any = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        if base + offset != self._at:
            self._hang_up()
        self._at = base + offset
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        if self._body is None:
            self._body = self._stored.get(Range=f"bytes={self._at}-")["Body"]
        data: bytes = self._body.read(len(buffer))
        if not data:
            raise OSError(f"{self._stored.key} ends at byte {self._at} of {self._size}.")
        progress.note()
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._hang_up()
        super().close()

    def _hang_up(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
