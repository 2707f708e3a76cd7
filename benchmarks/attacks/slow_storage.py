"""A storage on a slow network: settings name it for one attack."""

from __future__ import annotations

from collections.abc import Iterator
from time import sleep
from typing import Any

from django.core.files.base import File

from soundscapes.files.storage import WholeFileStorage

BLOCK = 2**20  # bytes
SPEED = 5e6  # bytes a second


class SlowFile(File):
    def chunks(self, _chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(BLOCK):
            sleep(len(chunk) / SPEED)
            yield chunk


class SlowStorage(WholeFileStorage):
    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, SlowFile(content))
