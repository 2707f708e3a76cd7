"""How fast is a soundscape mixed, beside pydub's overlays for the same job?

The job: 60 s of 44.1 kHz stereo out of one bed and two event layers, from files to a file. The
product also levels it by BS.1770, holds the true peak and dithers; pydub only overlays.

    python benchmarks/mixing.py [--rounds 7] [--seconds 60]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pydub import AudioSegment

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.bank import build_bank
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.planner import LayerRequest, make_plan
from soundscapes.engine.sound.renderer import render

LAYERS = (("rain", Kind.BED), ("chirping_birds", Kind.OCCASIONAL), ("dog", Kind.OCCASIONAL))


def overlay(plan: Plan, clips: Mapping[str, Path], output: Path) -> None:
    """The same events, overlaid one by one as pydub's documentation shows it."""
    mix = AudioSegment.silent(int(plan.duration * 1000), frame_rate=44100).set_channels(2)
    for layer in plan.layers:
        for event in layer.events:
            begin = int(event.offset * 1000)
            sound = AudioSegment.from_wav(clips[event.clip]).set_channels(2)
            sound = sound[begin : begin + int(event.duration * 1000)]
            sound = sound.apply_gain(event.gain_db + layer.gain_db).pan(event.position)
            fades = int(event.fade_in * 1000), int(event.fade_out * 1000)
            sound = sound.fade_in(fades[0]).fade_out(fades[1])
            mix = mix.overlay(sound, position=int(event.time * 1000))
    mix.export(output, format="wav").close()


def seconds_taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=60.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root, output = Path(name), Path(name) / "mix.wav"
        library = {category: build_bank(root, [category]) for category, _ in LAYERS}
        paths = {clip.checksum: clip.path for clips in library.values() for clip in clips}
        requests = [
            LayerRequest(category, kind, 0.0, rank, 0.3, 0.0, "")
            for rank, (category, kind) in enumerate(LAYERS, 1)
        ]
        plan = make_plan(requests, library, duration=options.seconds, seed=1, encoder="none")
        jobs = {
            "product": lambda: render(plan, paths, output),
            "pydub": lambda: overlay(plan, paths, output),
        }
        # Rounds take turns, so that a slow moment of the machine meets both alike.
        taken = {job: [] for job in jobs}
        for _ in range(options.rounds):
            for job, work in jobs.items():
                taken[job].append(seconds_taken(work))
    events = sum(len(layer.events) for layer in plan.layers)
    print(f"mixing {options.seconds:g} s of stereo, {events} events, median of {options.rounds}:")
    medians = {job: statistics.median(times) for job, times in taken.items()}
    for job, median in medians.items():
        print(f"  {job:8} {median * 1000:8.1f} ms  {options.seconds / median:8.0f} x real time")
    print(f"  ratio    {medians['pydub'] / medians['product']:8.1f}")


if __name__ == "__main__":
    main()
