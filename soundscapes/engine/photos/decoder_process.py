"""Decoding of photos in a child process with limited memory and time.

The program reads a file from its input, and writes a line of JSON and the pixels.
"""

import json
import sys
from dataclasses import asdict

from PIL import Image

from soundscapes.engine import limited_process
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos import decode_limits
from soundscapes.engine.photos.decoding import Demand, Photo, damaged, decode


def decode_apart(data: bytes, demand: Demand) -> Photo:
    """Call `decode` in a child process, so that only the result takes memory here."""
    try:
        answer = limited_process.run(__name__, [json.dumps(asdict(demand))], data)
    except limited_process.ProcessEndedError as error:
        raise (decode_limits.too_heavy() if error.is_heavy else damaged()) from error
    head, _newline, pixels = answer.partition(b"\n")
    facts = json.loads(head)
    if "refusal" in facts:
        raise PhotoError(facts.pop("refusal"), **facts)
    image = Image.frombytes("RGB", tuple(facts.pop("size")), pixels)
    return Photo(image, **facts)


def main() -> None:
    limited_process.limit_own_process()
    demand = Demand(**json.loads(sys.argv[1]))
    try:
        from pi_heif.as_plugin import register_heif_opener

        register_heif_opener()
        photo = decode(sys.stdin.buffer.read(), demand)
    except PhotoError as error:
        _answer({"refusal": str(error), "status": error.status, "code": error.code})
    except MemoryError:
        sys.exit(limited_process.OUT_OF_MEMORY)
    else:
        facts = {"format": photo.format, "width": photo.width, "height": photo.height}
        _answer(facts | {"size": photo.image.size}, photo.image.tobytes())


def _answer(facts: dict[str, object], pixels: bytes = b"") -> None:
    sys.stdout.buffer.write(json.dumps(facts).encode() + b"\n" + pixels)


if __name__ == "__main__":
    main()
