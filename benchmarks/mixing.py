"""Speed of mixing compared with pydub's overlays and with scaper.

The job is 44.1 kHz stereo from one bed and two event layers, from files to a file. The product also
levels by BS.1770, limits the true peak and dithers; pydub and scaper only overlay. Every run has
its own process, so that its peak memory, including imports, is its own. As in a worker, each run
does the job once before it is timed. Runs take turns, so that slow moments affect all equally. Then
two processes of the product render side by side.

    python -m benchmarks.mixing [--rounds 5] [--quick]
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import side_by_side
from soundscapes.engine.catalogue import Kind
from soundscapes.engine.sound.plan import Plan

PROJECT = Path(__file__).resolve().parents[1]
LAYERS = (("rain", Kind.BED), ("chirping_birds", Kind.OCCASIONAL), ("dog", Kind.OCCASIONAL))
MINUTE = 60.0
MANY_EVENTS = 200
SEED = 1
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""As in a worker: libraries start no additional threads."""
REPEATS = 3


def prepare(folder: Path) -> dict[str, str]:
    """Write the clips and the plans of all jobs to `folder`; return the clips by checksum."""
    from soundscapes.engine.sound.bank import build_bank
    from soundscapes.engine.sound.planner import LayerRequest, make_plan

    library = {category: build_bank(folder, [category]) for category, _ in LAYERS}
    requests = [
        LayerRequest(category, kind, 0.0, rank, 0.3, 0.0, "")
        for rank, (category, kind) in enumerate(LAYERS, 1)
    ]
    for name, seconds in (("1", MINUTE), ("10", 10 * MINUTE), ("60", 60 * MINUTE)):
        plan = make_plan(requests, library, duration=seconds, seed=SEED, encoder="none")
        (folder / f"{name}.json").write_text(json.dumps(plan.to_json()))
        if name == "1":
            crowded = json.dumps(with_events(plan, MANY_EVENTS).to_json())
            (folder / "events.json").write_text(crowded)
    return {clip.checksum: str(clip.path) for clips in library.values() for clip in clips}


def with_events(plan: Plan, count: int) -> Plan:
    """Return the plan with `count` evenly spaced events in its two event layers."""
    bed, *others = plan.layers
    layers = [bed]
    each = count // len(others)
    for layer in others:
        events = [
            dataclasses.replace(
                layer.events[number % len(layer.events)], time=plan.duration * number / each
            )
            for number in range(each)
        ]
        layers.append(dataclasses.replace(layer, events=tuple(events)))
    return dataclasses.replace(plan, layers=tuple(layers))


def product(plan: Plan, clips: dict[str, Path], output: Path) -> None:
    from soundscapes.engine.sound.renderer import render

    render(plan, clips, output)


def pydub(plan: Plan, clips: dict[str, Path], output: Path) -> None:
    """Overlay the same events one by one, as in pydub's documentation."""
    from pydub import AudioSegment

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


def scaper(plan: Plan, clips: dict[str, Path], output: Path) -> None:
    """Use the same events as scaper's foreground and the bed's first clip as its background."""
    import scaper as library

    with tempfile.TemporaryDirectory() as name:
        roots = {part: Path(name) / part for part in ("foreground", "background")}
        for layer in plan.layers:
            root = roots["background" if layer.kind is Kind.BED else "foreground"]
            (root / layer.category).mkdir(parents=True)
            for clip in {event.clip for event in layer.events}:
                (root / layer.category / f"{clip}.wav").symlink_to(clips[clip])
        scene = library.Scaper(
            plan.duration, str(roots["foreground"]), str(roots["background"]), random_state=SEED
        )
        scene.sr, scene.n_channels, scene.ref_db = 44100, 2, -30
        for layer in plan.layers:
            if layer.kind is Kind.BED:
                source = ("choose", []), ("const", 0)
                scene.add_background(("const", layer.category), *source)
                continue
            for event in layer.events:
                source = str(roots["foreground"] / layer.category / f"{event.clip}.wav")
                scene.add_event(
                    label=("const", layer.category),
                    source_file=("const", source),
                    source_time=("const", event.offset),
                    event_time=("const", min(event.time, plan.duration - event.duration)),
                    event_duration=("const", event.duration),
                    snr=("const", event.gain_db),
                    pitch_shift=None,
                    time_stretch=None,
                )
        scene.generate(str(output), allow_repeated_label=True, allow_repeated_source=True)


WAYS = {way.__name__: way for way in (product, pydub, scaper)}


def run_once(way: str, plan: str, folder: Path) -> None:
    """Run in a new process: warm up, then print seconds and peak resident memory."""
    clips = {
        checksum: Path(path)
        for checksum, path in json.loads((folder / "clips.json").read_text()).items()
    }
    document = Plan.from_json(json.loads((folder / f"{plan}.json").read_text()))
    warming = Plan.from_json(json.loads((folder / "1.json").read_text()))
    output = folder / f"{way}.wav"
    WAYS[way](warming, clips, output)
    taken = []
    for _ in range(REPEATS if document.duration <= MINUTE else 1):
        output.unlink()  # overwriting a file would wait for the disk
        started = time.perf_counter()
        WAYS[way](document, clips, output)
        taken.append(time.perf_counter() - started)
    print(json.dumps([statistics.median(taken), peak_memory()]))


def peak_memory() -> float:
    """Return the most memory that this process has held so far, in MB.

    Read it from /proc, because getrusage starts with the peak of the parent process.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measured(way: str, plan: str, folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "benchmarks.mixing", "--run", way, plan, str(folder)]
    done = subprocess.run(
        command, cwd=PROJECT, env=ENVIRONMENT, capture_output=True, text=True, check=True
    )
    seconds, memory = json.loads(done.stdout.splitlines()[-1])
    return seconds, memory


def compare(title: str, plan: str, ways: Sequence[str], rounds: int, folder: Path) -> None:
    """Print a line for each method: median of seconds, and largest memory."""
    document = Plan.from_json(json.loads((folder / f"{plan}.json").read_text()))
    events = sum(len(layer.events) for layer in document.layers)
    print(f"{title}, {events} stretches and events, median of {rounds}:")
    results: dict[str, list[tuple[float, float]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            results[way].append(measured(way, plan, folder))
    base = statistics.median(seconds for seconds, _ in results["product"])
    for way, runs in results.items():
        median = statistics.median(seconds for seconds, _ in runs)
        print(
            f"  {way:8}{median * 1000:10.1f} ms{document.duration / median:8.0f} x real time"
            f"{max(memory for _, memory in runs):8.0f} MB  product is{median / base:6.1f} x as fast"
        )


def scaper_is_missing() -> str | None:
    if importlib.util.find_spec("scaper") is None:
        return "scaper is not installed (it needs numpy 1.26, libsox-dev, g++ and its own venv)"
    missing = [name for name in ("sox", "ffmpeg") if shutil.which(name) is None]
    return f"scaper needs {' and '.join(missing)}" if missing else None


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="leave out long soundscapes")
    parser.add_argument("--run", nargs=3, metavar=("WAY", "PLAN", "FOLDER"), help="one, timed")
    options = parser.parse_args(arguments)
    if options.run:
        way, plan, folder = options.run
        run_once(way, plan, Path(folder))
        return
    missing = scaper_is_missing()
    peers = ["pydub"] if missing else ["pydub", "scaper"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "clips.json").write_text(json.dumps(prepare(folder)))
        compare("mixing 60 s", "1", ["product", *peers], options.rounds, folder)
        if not options.quick:
            compare("mixing 60 s with 200 events", "events", ["product", *peers], 3, folder)
            compare("mixing 10 minutes", "10", ["product", "pydub"], 1, folder)
            compare("mixing 60 minutes", "60", ["product"], 1, folder)
        side_by_side.report(folder, options.rounds)
    if missing:
        print(f"  scaper skipped: {missing}")


if __name__ == "__main__":
    main()
