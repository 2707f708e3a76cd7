"""Clips made from untrusted recordings in a child process, with limited memory and time.

A slow or hostile recording holds neither the memory nor, beyond the limits, a thread of the process
that asked. Run as a program, this writes a WAV and prints a line of JSON.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from soundscapes.engine import limited_process
from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.clip_files import ClipFacts, make_clip


def make_clip_apart(source: Path, target: Path) -> ClipFacts:
    """Do the same as `make_clip` in a child process. Raise EngineError."""
    try:
        answer = json.loads(limited_process.run(__name__, [source, target]))
    except limited_process.ProcessEndedError as error:
        raise EngineError(
            "Reading this file takes too much memory or time. Shorten it, or export it as FLAC."
            if error.is_heavy
            else "The file is damaged. Export it again."
        ) from error
    if "refusal" in answer:
        raise EngineError(answer["refusal"])
    return ClipFacts(**answer)


def main() -> None:
    limited_process.limit_own_process()
    source, target = map(Path, sys.argv[1:])
    answer: dict[str, object]
    try:
        with source.open("rb") as file:
            answer = asdict(make_clip(file, target))
    except MemoryError:
        sys.exit(limited_process.OUT_OF_MEMORY)
    except EngineError as error:
        answer = {"refusal": str(error)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
