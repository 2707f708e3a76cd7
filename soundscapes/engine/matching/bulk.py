"""Encoding of many photos, with decoding beside the network and ahead of it."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from PIL import Image

from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.encoder import Encoder, PhotoEncoding

T = TypeVar("T")

BATCH = 16  # photos that a network takes together


def encode_in_bulk(
    encoder: Encoder,
    batches: Iterable[Sequence[T]],
    read: Callable[[T], Image.Image],
    threads: int = os.cpu_count() or 1,
) -> Iterator[list[tuple[T, PhotoEncoding | Exception]]]:
    """Yield the encodings of each batch in order; a photo that cannot be read has its error.

    Each thread takes a batch from its files to its vectors. While one of them is at the network,
    the others read and resize. The batches in memory are one more than the threads.
    """
    encoder.encode_photos([Image.new("RGB", (224, 224))])  # load before threads would together
    ahead: deque[Future[list[tuple[T, PhotoEncoding | Exception]]]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for batch in batches:
            ahead.append(pool.submit(_encode, encoder, batch, read))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()


def _encode(
    encoder: Encoder, batch: Sequence[T], read: Callable[[T], Image.Image]
) -> list[tuple[T, PhotoEncoding | Exception]]:
    photos = [_read(read, each) for each in batch]
    found = iter(encoder.encode_photos([p for p in photos if isinstance(p, Image.Image)]))
    return [
        (each, photo if isinstance(photo, Exception) else next(found))
        for each, photo in zip(batch, photos, strict=True)
    ]


def _read(read: Callable[[T], Image.Image], each: T) -> Image.Image | Exception:
    try:
        return read(each)
    except (OSError, EngineError) as error:
        return error
