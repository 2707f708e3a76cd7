"""A small application for the web server's tests, with short deadlines."""

import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from io import BytesIO

from django.conf import settings

from soundscapes.http import server
from soundscapes.http.streaming import EndlessResponse

settings.configure()

FILE_SIZE = 32 * 2**20
PIECE = bytes(2**20)

server.HEADER_SECONDS = server.BODY_SECONDS = float(os.environ.get("DEADLINE", "20"))
server.MAX_SPOOLED = int(os.environ.get("MAX_SPOOLED", server.MAX_SPOOLED))
server.MAX_CONNECTIONS = int(os.environ.get("MAX_CONNECTIONS", server.MAX_CONNECTIONS))


def application(environ: dict, start_response) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    if path == "/file":
        file = tempfile.TemporaryFile()  # noqa: SIM115  # the server closes it
        file.truncate(FILE_SIZE)
        return environ["wsgi.file_wrapper"](file, 2**18)
    if path == "/slow-file":
        return environ["wsgi.file_wrapper"](SlowFile(bytes(SlowFile.size)), 2**16)
    if path == "/stream":
        return _endless()
    if path == "/endless":
        return EndlessResponse(Sound(), "audio/mpeg")
    if path == "/ended":
        return [str(len(ended)).encode()]
    if path == "/slow":
        time.sleep(0.2)
        return [b"slow"]
    if path == "/prefix":
        return [repr((environ["SCRIPT_NAME"], environ["PATH_INFO"])).encode()]
    return [str(len(environ["wsgi.input"].read())).encode()]


class SlowFile(BytesIO):
    """A file that takes longer to read than to send, like FLAC that is read as WAV."""

    size = FILE_SIZE

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        time.sleep(len(data) / 30e6)
        return data


def _endless() -> Iterator[bytes]:
    while True:
        yield PIECE


class Sound:
    """A source of zeros; "/ended" says how many are closed."""

    rate = 2000

    def following(self) -> BytesIO:
        return BytesIO(bytes(10 * self.rate))

    def close(self) -> None:
        ended.append(self)


ended: list[Sound] = []
