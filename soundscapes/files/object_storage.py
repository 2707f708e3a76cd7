"""S3-compatible storage that reads no more than needed."""

import io
from typing import Any
from uuid import uuid4

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's own
    HTTPClientError,
    NoCredentialsError,
)
from django.core.files.base import File
from storages.backends.s3 import S3Storage
from storages.utils import clean_name

from soundscapes.engine.errors import EngineError
from soundscapes.files import progress
from soundscapes.files.storage import PROBE_FOLDER

READ_AHEAD = 2**18  # bytes
NOT_FOUND = 404
IMPATIENT = Config(connect_timeout=5, read_timeout=15, retries={"total_max_attempts": 2})
ADVICE = {
    "NoSuchBucket": "does not exist. Create it, or change S3_BUCKET or S3_ENDPOINT",
    "InvalidAccessKeyId": "refuses the access key. Change S3_ACCESS_KEY",
    "SignatureDoesNotMatch": "refuses the secret key. Change S3_SECRET_KEY",
    "AccessDenied": (
        "refuses to store, list, read or delete files. Allow it to the owner of S3_ACCESS_KEY, or "
        "change S3_BUCKET"
    ),
    "PermanentRedirect": "is in another region. Change S3_REGION",
    "AuthorizationHeaderMalformed": "is in another region. Change S3_REGION",
}
"""What is wrong with a bucket and what to do, by the store's code for the error."""


class BucketError(EngineError):
    """A bucket that cannot be used, with the setting to change."""


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

    def check(self) -> None:
        """Store, list, read and delete an object. Raise BucketError."""
        place = {"Bucket": self.bucket_name, "Key": f"{PROBE_FOLDER}/{uuid4().hex}"}
        try:
            client = self._create_session().client(
                "s3",
                region_name=self.region_name,
                endpoint_url=self.endpoint_url,
                config=self.client_config.merge(IMPATIENT),
            )
            client.put_object(**place, Body=b"")
            client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1)
            client.get_object(**place)
            client.delete_object(**place)
        except (BotoCoreError, ClientError) as error:
            raise BucketError(f"The bucket “{self.bucket_name}” {_advice(error)}.") from error


def _advice(error: BotoCoreError | ClientError) -> str:
    if isinstance(error, NoCredentialsError):
        return "needs credentials. Set S3_ACCESS_KEY and S3_SECRET_KEY"
    if isinstance(error, ConnectionError | HTTPClientError):
        return f"cannot be reached ({error}). Check S3_ENDPOINT and the network"
    code = error.response["Error"].get("Code", "") if isinstance(error, ClientError) else ""
    reason = str(error).replace("\n", " ")
    return ADVICE.get(code, f"cannot be used ({reason}). Check S3_BUCKET and S3_ENDPOINT")


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
