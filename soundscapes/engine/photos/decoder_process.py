"""Program that decodes a photo with limited memory and time.

It reads a file from its input, and writes a line of JSON and the pixels (`reading.decode_apart`).
"""

import json
import sys

from soundscapes.engine import limited_process
from soundscapes.engine.errors import PhotoError
from soundscapes.engine.photos.decoding import Demand, decode


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
