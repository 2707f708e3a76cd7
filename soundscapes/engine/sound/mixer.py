"""Block-wise mixing of a plan, before levelling."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import astuple, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from soundscapes.engine.errors import MissingClipError
from soundscapes.engine.sound.audio_files import read_clip, write_small
from soundscapes.engine.sound.beds.quadrature import beginning
from soundscapes.engine.sound.beds.width import ears, widened
from soundscapes.engine.sound.plan import Plan, PlannedEvent, PlannedLayer, Treatment
from soundscapes.engine.sound.resampling import resample
from soundscapes.engine.sound.samples import SAMPLE_RATE, Mono, Planar, mono, to_ratio

HEADROOM_DB = 6.0
"""Attenuation of clips for players: a wide clip may be louder in one ear."""
CLIP_POOL_BYTES = 40 * 1024 * 1024
INAUDIBLE = to_ratio(-120.0)
MUFFLED = 0.75  # of the treble is taken at the greatest distance
_BLUR = (np.hanning(23)[1:-1] / np.hanning(23).sum()).astype(np.float32)  # passes up to 2 kHz


Treated = tuple[str, float, float, float, str]
"""A clip's checksum and rate, and its layer's distance, width and decorrelator."""


class ClipPool:
    """A cache of decoded clips, shape (channels, n).

    Above `limit` bytes it drops the least recently used.
    """

    def __init__(self, paths: Mapping[str, Path], limit: int = CLIP_POOL_BYTES) -> None:
        self._paths = paths
        self._limit = limit
        self._clips: OrderedDict[Treated, Planar] = OrderedDict()

    def get(
        self,
        checksum: str,
        rate: float,
        distance: float = 0.0,
        width: float = 0.0,
        decorrelator: str = "",
    ) -> Planar:
        """Return a clip played `rate` times as fast, without DC.

        It sounds as from a distance (0 to 1). A layer's width prepares a mono clip for `ears`.
        """
        key = (checksum, rate, distance, width, decorrelator)
        if key in self._clips:
            self._clips.move_to_end(key)
            return self._clips[key]
        planar = self._clips[key] = self._treated(*key)
        held = sum(clip.nbytes for clip in self._clips.values())
        while held > self._limit and len(self._clips) > 1:
            _, dropped = self._clips.popitem(last=False)
            held -= dropped.nbytes
        return planar

    def _treated(
        self, checksum: str, rate: float, distance: float, width: float, decorrelator: str
    ) -> Planar:
        if width:  # nothing else is cached, because a bed's clip is only heard wide
            return widened(self._treated(checksum, rate, distance, 0.0, ""), width, decorrelator)
        if distance:
            return _muffled(self._treated(checksum, rate, 0.0, 0.0, ""), distance)
        if rate != 1:
            frames = resample(self.get(checksum, 1.0).T, SAMPLE_RATE * rate)
            return np.ascontiguousarray(frames.T)
        return self._decoded(checksum)

    def _decoded(self, checksum: str) -> Planar:
        planar = np.ascontiguousarray(read_clip(self._paths[checksum]).T)
        if planar.size:
            planar -= planar.mean(axis=1, keepdims=True, dtype=np.float64).astype(np.float32)
        return planar


def write_for_player(source: Path, target: Path, treatment: Treatment) -> None:
    """Write a clip as a layer of this treatment plays it, but HEADROOM_DB softer.

    `target` is named .ogg (Vorbis) or .flac (16 bits). Raise EngineError if it cannot be read.
    """
    planar = ClipPool({"": source}).get("", 1.0, *astuple(treatment))
    write_small(target, planar.T * np.float32(to_ratio(-HEADROOM_DB)))


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event in samples. `start` is negative if the event wraps around from the end."""

    start: int
    stop: int
    offset: int
    fade_in: int
    fade_out: int
    gains: tuple[float, float]
    moment: int
    treated: Treated
    likeness: float


class Mixer:
    """The unscaled sum of a plan's events, as a ring of `total` samples."""

    def __init__(self, plan: Plan, clips: Mapping[str, Path]) -> None:
        """Raise MissingClipError if a clip of the plan has no file."""
        _require_clips(plan, clips)
        self._plan = plan
        self.total = round(plan.duration * SAMPLE_RATE)
        self._pool = ClipPool(clips)
        self._scratch: Mono = np.empty(0, dtype=np.float32)
        self._lay_out(plan.layers)

    def _lay_out(self, layers: Sequence[PlannedLayer]) -> None:
        self._occurrences = [
            occurrence
            for layer in layers
            for event in layer.events
            for occurrence in occurrences(event, layer, self.total)
        ]
        self._starts = np.array([each.start for each in self._occurrences], dtype=np.int64)
        self._stops = np.array([each.stop for each in self._occurrences], dtype=np.int64)

    def layers(self) -> list[Mixer]:
        """Return a mixer per layer. They share decoded clips, and take turns."""
        alone = []
        for layer in self._plan.layers:
            one = copy(self)
            one._lay_out((layer,))
            alone.append(one)
        return alone

    def block(self, start: int, stop: int) -> Planar:
        """Return samples of the ring, shape (2, stop - start).

        `start` may be negative and `stop` beyond the total, because the ring wraps around.
        """
        mixed = np.zeros((2, stop - start), dtype=np.float32)
        position = start
        while position < stop:
            within = position % self.total
            length = min(stop - position, self.total - within)
            at = position - start
            self.add(within, within + length, mixed[:, at : at + length])
            position += length
        return mixed

    def add(self, start: int, stop: int, target: Planar) -> None:
        """Add samples within the ring to `target`."""
        if len(self._scratch) < stop - start:
            self._scratch = np.empty(stop - start, dtype=np.float32)
        sounding = np.flatnonzero((self._starts < stop) & (self._stops > start))
        for index in sounding:
            occurrence = self._occurrences[index]
            clip = self._pool.get(*occurrence.treated)
            first = max(start, occurrence.start)
            begin = occurrence.offset + first - occurrence.start
            length = min(stop, occurrence.stop) - first
            piece = clip[:, begin : begin + length]
            length = piece.shape[1]
            if not length:
                continue
            piece = ears(piece, occurrence.moment + first - occurrence.start)
            at = first - start
            for channel, gain in enumerate(occurrence.gains):
                if gain > INAUDIBLE:
                    scaled = self._scratch[:length]
                    np.multiply(piece[min(channel, len(piece) - 1)], np.float32(gain), out=scaled)
                    _fade(scaled, occurrence, first - occurrence.start)
                    target[channel, at : at + length] += scaled


class KeptMix:
    """Mixed samples short enough for memory, so that they are only computed once."""

    def __init__(self, mixer: Mixer) -> None:
        self.total = mixer.total
        self._mixer = mixer
        self._samples = np.zeros((2, mixer.total), dtype=np.float32)
        self._ready = 0

    def block(self, start: int, stop: int) -> Planar:
        """Like `Mixer.block`, but without copying within the ring."""
        is_within = start >= 0 and stop <= self.total
        needed = stop if is_within else self.total
        if needed > self._ready:
            self._mixer.add(self._ready, needed, self._samples[:, self._ready : needed])
            self._ready = needed
        if is_within:
            return self._samples[:, start:stop]
        return self._samples.take(np.arange(start, stop), axis=1, mode="wrap")


def _require_clips(plan: Plan, clips: Mapping[str, Path]) -> None:
    titles = {credit.clip: credit.title for credit in plan.credits}
    for layer in plan.layers:
        for event in layer.events:
            path = clips.get(event.clip)
            if path is None or not path.is_file():
                title = titles.get(event.clip) or event.clip
                raise MissingClipError(
                    f"The clip “{title}” of {layer.category} is missing. Build the synthesised "
                    "bank, import the recording again, or create a new soundscape."
                )


def occurrences(event: PlannedEvent, layer: PlannedLayer, total: int) -> list[Occurrence]:
    """Repeat the event one ring earlier while it reaches into the ring."""
    start = round(event.time * SAMPLE_RATE)
    length = round(event.duration * SAMPLE_RATE)
    offset = round(event.offset / event.rate * SAMPLE_RATE)
    gain = to_ratio(event.gain_db + layer.gain_db)
    return [
        Occurrence(
            start=begin,
            stop=begin + length,
            offset=offset,
            fade_in=round(event.fade_in * SAMPLE_RATE),
            fade_out=round(event.fade_out * SAMPLE_RATE),
            gains=_pan(event.position, gain),
            moment=beginning(offset) if layer.width else 0,
            treated=(event.clip, event.rate, layer.distance, layer.width, layer.decorrelator),
            likeness=layer.likeness,
        )
        for begin in range(start, -length, -total)
    ]


def _muffled(planar: Planar, distance: float) -> Planar:
    """Attenuate treble above about 2 kHz by up to 12 dB, as air and ground do."""
    share = np.float32(MUFFLED * distance)
    length = planar.shape[1]  # of a clip that may be shorter than the blur
    blurred = [np.convolve(channel, _BLUR, mode="same")[:length] for channel in planar]
    return planar * (1 - share) + share * np.stack(blurred).astype(np.float32)


def _pan(position: float, gain: float) -> tuple[float, float]:
    """Constant-power panning: the squared gains sum to `gain` squared."""
    angle = (position + 1) * math.pi / 4
    return gain * math.cos(angle), gain * math.sin(angle)


def _fade(piece: Mono, occurrence: Occurrence, begin: int) -> None:
    """Apply the fades to `piece`, which starts `begin` samples into the occurrence."""
    length = len(piece)
    into = occurrence.fade_in - begin
    if into > 0:
        piece[:into] *= _ramp(occurrence.fade_in, occurrence.likeness)[begin : begin + length]
    left = occurrence.stop - occurrence.start - begin
    out = max(0, left - occurrence.fade_out)
    if out < length:
        falling = _ramp(occurrence.fade_out, occurrence.likeness)[::-1]
        passed = occurrence.fade_out - (left - out)
        piece[out:] *= falling[passed : passed + length - out]


@lru_cache(maxsize=16)
def _ramp(length: int, likeness: float) -> Mono:
    """Return a rise that keeps the power of two sounds of this correlation as they cross.

    Noise crosses by a quarter sine. After Fink, Holters and Zölzer, "Signal-matched
    power-complementary cross-fading and dry-wet mixing", DAFx 2016.
    """
    angles = (np.arange(length) + 0.5) * (np.pi / 2 / length)
    rise = np.sin(angles)
    if not likeness:
        return mono(rise)
    return mono(rise / np.sqrt(1 + likeness * np.sin(2 * angles)))
