"""Decoding of recordings that libsndfile cannot read, by PyAV in a child process.

FFmpeg is large and intricate; here it has neither the memory nor the secrets of the process that
asked. Run as a program, this writes a WAV of floats and prints a line of JSON.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile

from soundscapes.engine import limited_process
from soundscapes.engine.errors import EngineError
from soundscapes.engine.recordings.kinds import NAMES
from soundscapes.engine.sound.samples import Frames


class Limits(NamedTuple):
    seconds: float
    samples: int  # of all channels together


def transcode(kind: str, source: Path, target: Path, most: Limits) -> float:
    """Write `target`, a WAV of all channels of `source`, and return how many seconds it lasts.

    `kind` is FFmpeg's name of the format. What lasts longer than allowed is cut there, and the
    seconds are those that it says, or more than allowed. Raises EngineError.
    """
    try:
        answer = limited_process.run(__name__, [kind, source, target, *most])
    except limited_process.ProcessEndedError as error:
        raise EngineError(
            "Decoding this file takes too much memory or time. Export it as WAV."
            if error.is_heavy
            else _damaged(kind)
        ) from error
    facts = json.loads(answer)
    if "refusal" in facts:
        raise EngineError(facts["refusal"])
    seconds: float = facts["seconds"]
    return seconds


def _damaged(kind: str) -> str:
    return f"The {NAMES[kind]} file is damaged or incomplete. Upload it again, or export it as WAV."


def main() -> None:
    limited_process.limit_own_process()
    kind, source, target, seconds, samples = sys.argv[1:]
    answer: dict[str, object]
    try:
        answer = {"seconds": _transcode(kind, source, target, Limits(float(seconds), int(samples)))}
    except MemoryError:
        sys.exit(limited_process.OUT_OF_MEMORY)
    except EngineError as error:
        answer = {"refusal": str(error)}
    except Exception:  # noqa: BLE001 - whatever FFmpeg makes of hostile bytes
        answer = {"refusal": _damaged(kind)}
    sys.stdout.write(json.dumps(answer))


def _transcode(kind: str, source: str, target: str, most: Limits) -> float:
    import av

    with av.open(source, format=kind) as container:
        if not container.streams.audio:
            raise EngineError("There is no sound in this file. Choose another one.")
        stream = container.streams.audio[0]
        rate, channels = stream.codec_context.sample_rate, stream.codec_context.channels
        count = 0
        with soundfile.SoundFile(target, "w", rate, channels, "FLOAT", format="WAV") as wav:
            for frames in _decoded(container, stream):
                wav.write(frames)
                count += len(frames)
                if count > most.seconds * rate or count * channels > most.samples:
                    said = (container.duration or 0) / av.time_base
                    return max(said, count / rate)
        if not count and kind != "wav":  # which may be empty without a fault
            raise EngineError(_damaged(kind))
        return float(count / rate)


def _decoded(container: Any, stream: Any) -> Iterator[Frames]:
    """Yield frames of shape (n, channels); packets that are damaged are left out."""
    import av

    stream.thread_type = "NONE"
    layout, rate = stream.codec_context.layout, stream.codec_context.sample_rate
    to_floats = av.AudioResampler(format="flt", layout=layout, rate=rate)
    for packet in container.demux(stream):
        try:
            decoded = packet.decode()
        except av.error.InvalidDataError:
            continue
        for frame in decoded:
            yield from (_frames(each) for each in to_floats.resample(frame))
    yield from (_frames(each) for each in to_floats.resample(None))


def _frames(frame: Any) -> Frames:
    return np.asarray(frame.to_ndarray().reshape(frame.samples, -1), dtype=np.float32)


if __name__ == "__main__":
    main()
