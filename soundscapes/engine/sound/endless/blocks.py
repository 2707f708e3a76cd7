"""Blocks of an endless soundscape as MP3, which join without a seam.

A block is a whole number of frames, each of which overlaps the previous one by half (ISO 11172-3).
It is encoded after some frames of its own past, which are dropped, and without a bit reservoir.
Therefore blocks that are made at different times, by different workers, continue each other.
"""

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.clips import Clip
from soundscapes.engine.sound.endless.continuation import PART, part_of
from soundscapes.engine.sound.limiter import CONTEXT, limiting_gain
from soundscapes.engine.sound.mixer import Mixer
from soundscapes.engine.sound.plan import Plan, PlannedLayer
from soundscapes.engine.sound.planner import Locate
from soundscapes.engine.sound.renderer import CEILING_DB
from soundscapes.engine.sound.samples import SAMPLE_RATE, Planar, to_ratio

FRAME = 1152  # samples
BLOCK = 2297 * FRAME
"""Samples of a block: a minute."""
SECONDS = BLOCK / SAMPLE_RATE
BEFORE = 8 * FRAME  # by which time the encoder has forgotten how it began
AFTER = 3 * FRAME  # the encoder looks ahead
FADE = 3.0  # seconds

BITS_A_SECOND = 128_000
# Joint stereo costs a third of the speed and gains nothing for wide sounds.
OPTIONS = {"reservoir": "0", "joint_stereo": "0", "compression_level": "9"}


@single_threaded
def mp3_block(
    plan: Plan,
    number: int,
    clips: Mapping[str, Clip],
    locate: Locate,
    gain_db: float,
    *,
    fades_in: bool = False,
    fades_out: bool = False,
) -> bytes:
    """Return a block of a soundscape as MP3 frames of 128 kbit/s.

    `clips` are those that the plan names, by checksum, and `locate` returns their files; `gain_db`
    is the gain of its mix. Raise EngineError for a block that does not exist, MissingClipError for
    a lost clip.
    """
    start = number * BLOCK - BEFORE
    sound = _sound(plan, start, BEFORE + BLOCK + AFTER, clips, locate, gain_db)
    heard = sound[:, BEFORE:]
    if number == 0 or fades_in:
        sound[:, :BEFORE] = 0
        _fade(heard)
    if fades_out:
        heard[:, BLOCK:] = 0
        _fade(heard[:, BLOCK - 1 :: -1])
    frames = _encoded(sound)
    skipped = BEFORE // FRAME
    return b"".join(frames[skipped : skipped + BLOCK // FRAME])


def _sound(
    plan: Plan,
    start: int,
    length: int,
    clips: Mapping[str, Clip],
    locate: Locate,
    gain_db: float,
) -> Planar:
    """Return samples from `start`, shape (2, length), levelled and limited."""
    begin, length = start - CONTEXT, length + 2 * CONTEXT
    layers = _layers(plan, begin / SAMPLE_RATE, (begin + length) / SAMPLE_RATE, clips, locate)
    events = [event for layer in layers for event in layer.events]
    longest = max((event.duration for event in events), default=0.0)
    # A ring so long that nothing wraps around to its beginning.
    ring = replace(plan, duration=length / SAMPLE_RATE + longest + 1, layers=layers)
    located = {event.clip: locate(clips[event.clip]) for event in events if event.clip in clips}
    paths = {checksum: path for checksum, path in located.items() if path}
    mix = Mixer(ring, paths).block(0, length)
    gain = limiting_gain(mix, to_ratio(gain_db), to_ratio(CEILING_DB))
    return np.asarray(mix[:, CONTEXT:-CONTEXT] * gain, dtype=np.float32)


def _layers(
    plan: Plan, start: float, end: float, clips: Mapping[str, Clip], locate: Locate
) -> tuple[PlannedLayer, ...]:
    """Return the layers with what sounds between two times, in seconds after the first one."""
    first = max(0, _part_at(plan, start) - 1)  # what began in the previous part may go on
    parts = [
        part_of(plan, number, clips, locate) for number in range(first, _part_at(plan, end) + 1)
    ]
    return tuple(
        replace(
            layer,
            events=tuple(
                replace(event, time=event.time - start)
                for part in parts
                for event in part.layers[place]
                if event.time < end and event.time + event.duration > start
            ),
        )
        for place, layer in enumerate(plan.layers)
    )


def _part_at(plan: Plan, time: float) -> int:
    return max(0, math.floor((time - plan.duration) / PART) + 1)


def _fade(sound: Planar) -> None:
    """Raise the beginning from silence, in place."""
    length = round(FADE * SAMPLE_RATE)
    sound[:, :length] *= np.sin(np.linspace(0, np.pi / 2, length, dtype=np.float32))


def _encoded(sound: Planar) -> list[bytes]:
    """Encode samples of shape (2, n) and return the frames of MP3."""
    import av

    encoder = av.CodecContext.create("libmp3lame", "w")
    encoder.sample_rate, encoder.bit_rate = SAMPLE_RATE, BITS_A_SECOND
    encoder.layout, encoder.format = "stereo", "fltp"
    encoder.options = OPTIONS
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), "fltp", "stereo")
    frame.sample_rate = SAMPLE_RATE
    return [bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode(None))]
