"""Renderer: mix, level to the target loudness, limit the true peak, write.

It measures in blocks, then writes. Short mixes stay in memory in between and long ones are mixed
twice, so memory does not grow with duration. The same plan and clips give the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundscapes.engine.sound.audio_files import (
    FLAC,
    FULL_SCALE,
    FlacFile,
    WavChecksum,
    WavFile,
    writing_flac,
    writing_wav,
)
from soundscapes.engine.sound.blas import single_threaded
from soundscapes.engine.sound.credits import file_information
from soundscapes.engine.sound.limiter import CONTEXT, limiting_gain
from soundscapes.engine.sound.loudness import (
    SILENCE_LUFS,
    LoudnessMeter,
    TruePeakMeter,
    gated_loudness,
    levelling_gain,
)
from soundscapes.engine.sound.mixer import KeptMix, Mixer
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.samples import (
    SAMPLE_RATE,
    Frames,
    Mono,
    Planar,
    to_decibels,
    to_ratio,
)

BLOCK = 2 * SAMPLE_RATE
KEPT_SAMPLES = 64 * SAMPLE_RATE
"""The longest mix that is held in memory: 22 MB."""

MEASURED = 120 * SAMPLE_RATE
PEAK_COUNT = 800
CEILING_DB = -1.4
"""Slightly under -1 dBTP, which leaves margin for dither and a moving gain."""

TOLERANCE_LU = 0.1
MAX_ROUNDS = 8
MIN_SLOPE = 0.2
MAX_PUSH_DB = 40.0
"""The most gain into the limiter; it cannot make a single click any louder."""

DITHER_LENGTH = 1 << 16

Progress = Callable[[float], None]
Mix = Mixer | KeptMix
Gain = np.float32 | Mono


def _unheard(*_: object) -> None:
    """Default callback."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """Result: seconds, LUFS, dBTP, samples per channel, and the gain of the mix in dB.

    `peaks` are the largest magnitudes of equal stretches, from 0 to 100, where 100 is the largest
    of all. `checksum` is the SHA-256 of the WAV file, also where FLAC was written.
    """

    duration: float
    loudness: float
    true_peak: float
    peaks: tuple[int, ...]
    checksum: str
    gain_db: float


@dataclass(frozen=True, slots=True)
class Master:
    gain: float
    is_limited: bool
    loudness: float
    true_peak: float


@single_threaded
def render(
    plan: Plan,
    clips: Mapping[str, Path],
    output: Path,
    *,
    stems: Sequence[Path] = (),
    progress: Progress = _unheard,
) -> Rendering:
    """Render 16-bit stereo with TPDF dither (Lipshitz et al., JAES 1992), and credits as tags.

    `clips` maps checksums to files. `output` and `stems` are WAV or, if they are named so, FLAC of
    the same samples, and appear when complete. There is one stem per layer, at its level in the
    soundscape; before dither, the stems sum to it. `progress` receives rising fractions up to 1.
    Raise MissingClipError for a missing clip, EngineError for an unreadable one.
    """
    mixer = Mixer(plan, clips)
    mix, outline = _kept(mixer), _Outline(mixer.total)
    master = _master(mix, plan.target_lufs, lambda share: progress(share / 2), outline)
    checksum = _write(plan, mixer, mix, master, (output, *stems), progress)
    return Rendering(
        duration=mix.total / SAMPLE_RATE,
        loudness=master.loudness,
        true_peak=to_decibels(max(master.true_peak, 1 / FULL_SCALE)),
        peaks=outline.peaks(master),
        checksum=checksum,
        gain_db=to_decibels(master.gain),
    )


def _write(
    plan: Plan,
    mixer: Mixer,
    mix: Mix,
    master: Master,
    paths: Sequence[Path],
    progress: Progress,
) -> str:
    """Write the mix and its layers to `paths`; return the checksum of the mix as WAV."""
    checksum = WavChecksum(mix.total, file_information(plan))
    with ExitStack() as files:
        sources = zip((mix, *mixer.layers()), paths, strict=False)
        voices = [
            _Voice(source, files.enter_context(_writing(path, plan)), _Dither(plan.seed + number))
            for number, (source, path) in enumerate(sources)
        ]
        for start, block, gain in _finished(mix, master):
            stop = start + block.shape[1]
            for voice in voices:
                is_whole = voice.mix is mix
                frames = voice.write(block if is_whole else voice.mix.block(start, stop), gain)
                if is_whole:
                    checksum.write(frames)
            progress(0.5 + stop / mix.total / 2)
    return checksum.finish()


def _kept(mixer: Mixer) -> Mix:
    return KeptMix(mixer) if mixer.total <= KEPT_SAMPLES else mixer


@single_threaded
def render_alone(preview: Plan, plan: Plan, clips: Mapping[str, Path], output: Path) -> None:
    """Render `preview` at the level that its layers would have in the soundscape of `plan`.

    `clips` maps the checksums of both plans to files. Raise as `render` does.
    """
    level = _master(_kept(Mixer(plan, clips)), plan.target_lufs).gain
    mix = Mixer(preview, clips)
    master = Master(level, True, SILENCE_LUFS, 0.0)
    with _writing(output, preview) as file:
        voice = _Voice(mix, file, _Dither(preview.seed))
        for _start, block, gain in _finished(mix, master):
            voice.write(block, gain)


@single_threaded
def gain_of(plan: Plan, clips: Mapping[str, Path]) -> float:
    """Return the gain in dB that `render` gives to the mix, from its first two minutes.

    Raise as `render` does.
    """
    mixer = Mixer(plan, clips)
    mixer.total = min(mixer.total, MEASURED)
    return to_decibels(_master(_kept(mixer), plan.target_lufs).gain)


def _writing(path: Path, plan: Plan) -> AbstractContextManager[WavFile | FlacFile]:
    if path.suffix.lower() == FLAC:
        return writing_flac(path, file_information(plan))
    return writing_wav(path, channels=2, information=file_information(plan))


@single_threaded
def render_samples(plan: Plan, clips: Mapping[str, Path]) -> Frames:
    """Return the samples that `render` writes, before dither: float32 of shape (n, 2)."""
    mix = Mixer(plan, clips)
    master = _master(mix, plan.target_lufs)
    frames = np.empty((mix.total, 2), dtype=np.float32)
    for start, block, gain in _finished(mix, master):
        frames[start : start + block.shape[1]] = (block * gain).T
    return frames


def _spans(total: int) -> Iterator[tuple[int, int]]:
    for start in range(0, total, BLOCK):
        yield start, min(start + BLOCK, total)


def _finished(
    mix: Mix, master: Master, outline: _Outline | None = None
) -> Iterator[tuple[int, Planar, Gain]]:
    """Yield blocks, shape (2, n), with their start and gain, and draw the `outline` of the mix.

    No second thread mixes ahead: taking turns at the interpreter costs more than it gains.
    """
    for start, stop in _spans(mix.total):
        block, gain = mix.block(start, stop), _gain(mix, master, start, stop)
        if outline:
            outline.feed(start, block)
        yield start, block, gain


def _gain(mix: Mix, master: Master, start: int, stop: int) -> Gain:
    """Return one gain, or one per sample if the limiter is active."""
    if not master.is_limited:
        return np.float32(master.gain)
    around = mix.block(start - CONTEXT, stop + CONTEXT)
    return limiting_gain(around, master.gain, to_ratio(CEILING_DB))


def _measure(
    mix: Mix, master: Master, progress: Progress = _unheard, outline: _Outline | None = None
) -> tuple[LoudnessMeter, TruePeakMeter]:
    """Measure the mix at the gain of `master`, 1 or the limiter's."""
    loudness, peak = LoudnessMeter(), TruePeakMeter()
    for start, block, gain in _finished(mix, master, outline):
        heard = block if master.gain == 1 and not master.is_limited else block * gain
        loudness.feed(heard)
        peak.feed(heard)
        progress((start + block.shape[1]) / mix.total)
    return loudness, peak


def _master(
    mix: Mix, target_lufs: float, progress: Progress = _unheard, outline: _Outline | None = None
) -> Master:
    """Find the gain for the target, with the limiter if it is needed."""
    untouched = Master(gain=1.0, is_limited=False, loudness=SILENCE_LUFS, true_peak=0.0)
    meter, peak = _measure(mix, untouched, progress, outline)
    gain = levelling_gain(meter.powers, target_lufs)
    plain = Master(gain, False, gated_loudness(meter.powers * gain**2), peak.peak * gain)
    return _limited_master(mix, plain, target_lufs)


def _limited_master(mix: Mix, plain: Master, target_lufs: float) -> Master:
    """Find the limiter's gain by the secant method, because it removes more at higher gains.

    Return `plain` if no limiter is needed.
    """
    if plain.true_peak <= to_ratio(CEILING_DB) or plain.loudness <= SILENCE_LUFS:
        return plain
    gain = plain.gain
    slope, previous, highest = 1.0, None, gain * to_ratio(MAX_PUSH_DB)
    for _ in range(MAX_ROUNDS):
        meter, peak = _measure(mix, Master(gain, True, SILENCE_LUFS, 0.0))
        master = Master(gain, True, meter.loudness(), peak.peak)
        missing = target_lufs - master.loudness
        if abs(missing) <= TOLERANCE_LU or (previous and gain == previous.gain):
            break
        if previous:
            raised = to_decibels(gain / previous.gain)
            slope = max(MIN_SLOPE, min(1.0, (master.loudness - previous.loudness) / raised))
        previous = master
        gain = min(gain * to_ratio(missing / slope), highest)
    return master


class _Dither:
    """Rounds to 16 bits with triangular noise of two steps from a seeded table.

    Blocks read it from random positions, which costs a fraction of fresh noise.
    """

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        draw = self._random.random((2, 2, DITHER_LENGTH + BLOCK), dtype=np.float32)
        self._table = draw[0] - draw[1]

    def quantise(self, block: Planar, gain: Gain) -> NDArray[np.int16]:
        """Return a block of shape (2, n), times `gain`, as 16-bit frames of shape (n, 2)."""
        place = int(self._random.integers(DITHER_LENGTH))
        length = block.shape[1]
        frames = np.empty((length, 2), dtype=np.int16)
        for channel, row in enumerate(block):
            levels = row * (gain * np.float32(FULL_SCALE))
            levels += self._table[channel, place : place + length]
            np.clip(levels, -FULL_SCALE, FULL_SCALE, out=levels)  # a layer may exceed the mix
            np.rint(levels, out=frames[:, channel], casting="unsafe")
        return frames


@dataclass(frozen=True, slots=True)
class _Voice:
    mix: Mix
    file: WavFile | FlacFile
    dither: _Dither

    def write(self, block: Planar, gain: Gain) -> NDArray[np.int16]:
        """Write and return frames of shape (n, 2)."""
        frames = self.dither.quantise(block, gain)
        self.file.write(frames)
        return frames


class _Outline:
    def __init__(self, total: int) -> None:
        self._edges = np.arange(PEAK_COUNT + 1) * total // PEAK_COUNT
        self._greatest: Mono = np.zeros(PEAK_COUNT, dtype=np.float32)

    def feed(self, start: int, block: Planar) -> None:
        first = int(np.searchsorted(self._edges, start, "right")) - 1
        last = int(np.searchsorted(self._edges, start + block.shape[1], "left"))
        cuts = np.maximum(self._edges[first:last] - start, 0)
        stretch = self._greatest[first:last]
        for row in block:
            np.maximum(stretch, np.maximum.reduceat(row, cuts), out=stretch)
            np.maximum(stretch, -np.minimum.reduceat(row, cuts), out=stretch)

    def peaks(self, master: Master) -> tuple[int, ...]:
        """Return whole percents of the largest, none above the limiter's ceiling."""
        limited = np.minimum(self._greatest, to_ratio(CEILING_DB) / master.gain)
        highest = float(limited.max()) or 1.0
        return tuple(int(value) for value in np.rint(limited * (100 / highest)))
