"""Rendering: levels, loops, bytes, and missing clips."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import tracemalloc
import wave

import numpy as np
import pyloudnorm
import pytest
import soundfile
import threadpoolctl
from scipy import signal

from soundscapes.engine.catalogue import Kind
from soundscapes.engine.errors import MissingClipError
from soundscapes.engine.sound import renderer
from soundscapes.engine.sound.loudness import SILENCE_LUFS
from soundscapes.engine.sound.plan import Plan
from soundscapes.engine.sound.planner import make_plan
from soundscapes.engine.sound.renderer import PEAK_COUNT, render, render_alone, render_samples
from soundscapes.engine.sound.samples import SAMPLE_RATE
from tests.disk import files_of_at_most
from tests.engine.sound_clips import (
    ALARM,
    BED,
    CALLS,
    EVERYTHING,
    ask,
    noise,
    paths_of,
    save_clip,
    tone,
)

ONE_STEP = 1 / 32767


def plan_of(requests, library, duration=12.0, seed=1, **options):
    return make_plan(requests, library, duration=duration, seed=seed, encoder="offline", **options)


def render_to(folder, plan, library, **options):
    """Return the rendering, and the samples of the file as float64."""
    rendering = render(plan, paths_of(library), folder / "out.wav", **options)
    samples, rate = soundfile.read(folder / "out.wav", always_2d=True)
    assert rate == SAMPLE_RATE
    return rendering, samples


def true_peak_db(samples):
    return 20 * np.log10(np.abs(signal.resample_poly(samples, 4, 1, axis=0)).max())


def test_a_rendering_is_16_bit_stereo_of_exactly_the_duration(tmp_path, library):
    rendering, samples = render_to(tmp_path, plan_of(EVERYTHING, library, 7.77), library)
    information = soundfile.info(tmp_path / "out.wav")
    assert (information.subtype, information.channels) == ("PCM_16", 2)
    assert len(samples) == round(7.77 * SAMPLE_RATE)
    assert rendering.duration == pytest.approx(7.77, abs=1 / SAMPLE_RATE)


def test_the_same_plan_gives_the_same_bytes_even_after_json(tmp_path, library):
    plan = plan_of(EVERYTHING, library)
    digests = set()
    for each in (plan, plan, Plan.from_json(plan.to_json())):
        render_to(tmp_path, each, library)
        digests.add(hashlib.sha256((tmp_path / "out.wav").read_bytes()).hexdigest())
    assert len(digests) == 1


def test_mixing_once_in_memory_or_twice_gives_the_same_bytes(tmp_path, library, monkeypatch):
    files = []
    for held in (renderer.KEPT_SAMPLES, 0):
        monkeypatch.setattr(renderer, "KEPT_SAMPLES", held)
        render_to(tmp_path, plan_of(EVERYTHING, library), library)
        files.append((tmp_path / "out.wav").read_bytes())
    assert files[0] == files[1]


def test_a_layer_alone_has_the_level_that_it_has_in_the_mix(tmp_path, library):
    plan = plan_of(EVERYTHING, library, target_lufs=-40.0)
    stem, made = tmp_path / "stem.wav", tmp_path / "alone.wav"
    render_to(tmp_path, plan, library, stems=[stem])
    alone = dataclasses.replace(plan, layers=plan.layers[:1])
    render_alone(alone, plan, paths_of(library), made)
    assert np.abs(soundfile.read(made)[0] - soundfile.read(stem)[0]).max() <= 3 * ONE_STEP


def test_a_layer_alone_does_not_clip(tmp_path, library):
    plan = plan_of(EVERYTHING, library)
    loud = dataclasses.replace(plan.layers[0], gain_db=plan.layers[0].gain_db + 40)
    made = tmp_path / "alone.wav"
    render_alone(dataclasses.replace(plan, layers=(loud,)), plan, paths_of(library), made)
    assert true_peak_db(soundfile.read(made)[0]) < -1


def test_the_file_contains_authors_and_licences(tmp_path, library):
    plan = plan_of(EVERYTHING, library)
    credit = dataclasses.replace(plan.credits[0], author="Zoë Ö.", collection="A data set, CC BY")
    plan = dataclasses.replace(plan, credits=(credit, *plan.credits[1:]))
    render_to(tmp_path, plan, library)
    with soundfile.SoundFile(tmp_path / "out.wav") as file:
        metadata = file.copy_metadata()
    assert metadata["artist"].split(", ") == ["Zoë Ö.", "A. Recordist"]
    assert "A data set, CC BY" in metadata["copyright"]
    for each in plan.credits:
        assert each.title in metadata["comment"]
        assert each.url in metadata["comment"]
    with wave.open(str(tmp_path / "out.wav")) as file:
        assert file.getnframes() == 12 * SAMPLE_RATE


@pytest.mark.parametrize("target", [-30.0, -12.0], ids=["plain", "limited"])
def test_the_stems_sum_to_the_soundscape(tmp_path, library, target):
    plan = plan_of(EVERYTHING, library, target_lufs=target)
    stems = [tmp_path / f"{layer.rank}.wav" for layer in plan.layers]
    _, mix = render_to(tmp_path, plan, library, stems=stems)
    parts = [soundfile.read(path)[0] for path in stems]
    assert np.abs(sum(parts) - mix).max() < 2 * (len(parts) + 1) * ONE_STEP
    assert all(np.abs(part).max() > 100 * ONE_STEP for part in parts)
    with_stems = (tmp_path / "out.wav").read_bytes()
    render_to(tmp_path, plan, library)
    assert (tmp_path / "out.wav").read_bytes() == with_stems


def test_a_layer_that_exceeds_full_scale_alone_is_clipped_and_does_not_wrap_around(tmp_path):
    sound = tone(12, 50)
    up = save_clip(tmp_path, "rain", "up", sound)
    down = save_clip(tmp_path, "rain", "down", -0.9 * sound)
    plan = plan_of([BED], {"rain": [up]}, target_lufs=-12.0)
    (layer,) = plan.layers
    other = [dataclasses.replace(event, clip=down.checksum) for event in layer.events]
    both = (layer, dataclasses.replace(layer, events=tuple(other)))
    plan = dataclasses.replace(plan, layers=both)
    stem = tmp_path / "stem.wav"
    _, mix = render_to(tmp_path, plan, {"rain": [up, down]}, stems=[stem])
    samples = soundfile.read(stem)[0]
    assert np.abs(mix).max() < 0.9 < np.abs(samples).max()
    assert np.abs(np.diff(samples, axis=0)).max() < 0.1


def test_rendering_leaves_other_cores_to_other_processes(tmp_path, library):
    """BLAS threads compete for cores when another process is busy."""
    seen = set()

    def note(_fraction):
        pools = threadpoolctl.threadpool_info()  # scipy has its own; rendering does not use it
        seen.update(pool["num_threads"] for pool in pools if "numpy" in pool["filepath"])

    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        plan = plan_of(EVERYTHING, library)
        render_to(tmp_path, plan, library, progress=note)
    assert seen == {1}


def test_another_seed_gives_other_samples(tmp_path, library):
    one, other = (
        render_samples(plan_of(EVERYTHING, library, seed=seed), paths_of(library))
        for seed in (1, 2)
    )
    assert np.abs(one - other).max() > 100 * ONE_STEP


def test_samples_in_memory_match_the_file_before_dither(tmp_path, library):
    plan = plan_of(EVERYTHING, library)
    _, written = render_to(tmp_path, plan, library)
    samples = render_samples(plan, paths_of(library))
    assert samples.dtype == np.float32
    assert np.abs(samples - written).max() < 2 * ONE_STEP


LEVELS = [-16.0, -18.0, -23.0, -30.0]
MIXES = {"everything": EVERYTHING, "bed": [BED], "calls": [CALLS], "alarm": [ALARM]}


@pytest.mark.parametrize("target", LEVELS)
@pytest.mark.parametrize("mix", MIXES)
def test_loudness_and_true_peak_meet_their_targets(tmp_path, library, mix, target):
    plan = plan_of(MIXES[mix], library, 15, target_lufs=target)
    rendering, samples = render_to(tmp_path, plan, library)
    measured = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(samples)
    assert measured == pytest.approx(target, abs=0.5)
    assert rendering.loudness == pytest.approx(measured, abs=0.1)
    assert true_peak_db(samples) <= -1.0
    assert rendering.true_peak == pytest.approx(true_peak_db(samples), abs=0.2)


def test_a_soundscape_of_clicks_is_limited_and_not_clipped(tmp_path):
    clicks = np.zeros((SAMPLE_RATE, 1), dtype=np.float32)
    clicks[::4410] = 0.9
    library = {"clock_tick": [save_clip(tmp_path, "clock_tick", "0", clicks)]}
    plan = plan_of([ask("clock_tick", Kind.BED)], library, target_lufs=-20.0)
    _, samples = render_to(tmp_path, plan, library)
    assert true_peak_db(samples) <= -1.0
    assert np.abs(samples).max() < 1.0


def test_samples_are_neither_constant_nor_nan(tmp_path):
    offset = noise(6, 3) + 0.2
    library = {"rain": [save_clip(tmp_path, "rain", "0", offset, subtype="FLOAT")]}
    samples = render_samples(plan_of([BED], library), paths_of(library))
    assert np.isfinite(samples).all()
    assert np.abs(samples.mean(axis=0)).max() < 1e-3


def flux(samples):
    """Return the change of the spectrum from each window to the next, summed over channels."""
    _, _, spectrum = signal.stft(samples.T, SAMPLE_RATE, nperseg=512, noverlap=384, boundary=None)
    levels = np.log10(np.abs(spectrum) + 1e-4)
    return np.abs(np.diff(levels, axis=-1)).sum(axis=(0, 1))


@pytest.mark.parametrize("seed", range(4))
def test_the_loop_has_no_seam(library, seed):
    plan = plan_of(EVERYTHING, library, 9.0, seed)
    samples = render_samples(plan, paths_of(library)).astype(np.float64)
    steps = np.abs(np.diff(samples, axis=0)).max(axis=1)
    assert np.abs(samples[0] - samples[-1]).max() <= steps.max()
    reach = SAMPLE_RATE // 4
    seam = flux(np.concatenate((samples[-reach:], samples[:reach])))
    assert seam.max() <= flux(samples).max() * 1.02


def test_a_long_event_in_a_short_soundscape_wraps_onto_itself(tmp_path):
    library = {"crow": [save_clip(tmp_path, "crow", "0", tone(11.0, 300))]}
    rendering, samples = render_to(tmp_path, plan_of([CALLS], library, 5.0), library)
    assert len(samples) == 5 * SAMPLE_RATE
    assert rendering.loudness == pytest.approx(-18, abs=0.5)


def test_a_bed_keeps_its_level(library):
    samples = render_samples(plan_of([BED], library, 60.0), paths_of(library))
    window = SAMPLE_RATE // 2
    frames = samples[: len(samples) // window * window].reshape(-1, window, 2)
    levels = 10 * np.log10(np.square(frames).mean(axis=(1, 2)))
    assert np.ptp(levels) < 5.0


def test_a_mono_bed_is_wide_and_a_call_has_its_position(library):
    bed = render_samples(plan_of([BED], library, 20), paths_of(library))
    assert abs(np.corrcoef(bed.T)[0, 1]) < 0.65
    call = render_samples(plan_of([CALLS], library, 20), paths_of(library))
    left, right = np.square(call).sum(axis=0)
    assert right > 2 * left


def test_memory_does_not_grow_with_the_duration(tmp_path, library):
    peaks = []
    for duration in (30, 300):
        plan = plan_of(EVERYTHING, library, duration)
        tracemalloc.start()
        render(plan, paths_of(library), tmp_path / "out.wav")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0]
    assert peaks[1] < 64 * 2**20


KINDS_OF_FILE = [
    ("PCM_U8", 1, 8000),
    ("PCM_16", 2, 44100),
    ("PCM_24", 1, 48000),
    ("PCM_32", 2, 22050),
    ("FLOAT", 2, 96000),
    ("DOUBLE", 1, 11025),
    ("FLOAT", 1, 44099),
]


@pytest.mark.parametrize(("subtype", "channels", "rate"), KINDS_OF_FILE)
def test_clips_of_every_file_format_are_mixed(tmp_path, subtype, channels, rate):
    frames = noise(3.0, 5, channels=channels)[: 3 * rate]
    frames = np.resize(frames, (3 * rate, channels))
    clip = save_clip(tmp_path, "rain", "odd", frames, rate, subtype)
    for kind in (Kind.BED, Kind.OCCASIONAL):
        library = {"rain": [clip]}
        rendering, samples = render_to(tmp_path, plan_of([ask("rain", kind)], library), library)
        assert rendering.loudness == pytest.approx(-18, abs=0.5)
        assert np.isfinite(samples).all()


def test_a_silent_clip_gives_silence(tmp_path):
    silence = np.zeros((3 * SAMPLE_RATE, 1), dtype=np.float32)
    library = {"rain": [save_clip(tmp_path, "rain", "0", silence)]}
    rendering, samples = render_to(tmp_path, plan_of([BED], library), library)
    assert rendering.loudness == SILENCE_LUFS
    assert np.abs(samples).max() <= 2 * ONE_STEP
    assert set(rendering.peaks) == {0}


@pytest.mark.parametrize("size", [1, 2, 50, 2000])
def test_very_short_clips_are_mixed(tmp_path, size):
    library = {"crow": [save_clip(tmp_path, "crow", "0", tone(size / SAMPLE_RATE, 5000))]}
    _, samples = render_to(tmp_path, plan_of([CALLS], library), library)
    assert np.isfinite(samples).all()


def test_the_outline_has_the_shape_of_the_file(tmp_path, library):
    rendering, samples = render_to(tmp_path, plan_of(EVERYTHING, library), library)
    assert len(rendering.peaks) == PEAK_COUNT
    assert max(rendering.peaks) == 100
    parts = np.array_split(np.abs(samples).max(axis=1), PEAK_COUNT)
    outline = np.array([part.max() for part in parts])
    assert np.corrcoef(outline, rendering.peaks)[0, 1] > 0.95


def test_progress_rises_to_one(tmp_path, library):
    seen = []
    render_to(tmp_path, plan_of(EVERYTHING, library), library, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 4


@pytest.mark.parametrize("harm", ["not in the mapping", "not on disk"])
def test_a_missing_clip_is_named_with_its_category_and_leaves_no_file(tmp_path, library, harm):
    plan = plan_of(EVERYTHING, library)
    paths = paths_of(library)
    victim = plan.layers[1].events[0].clip
    if harm == "not on disk":
        paths[victim] = tmp_path / "gone.wav"
    else:
        del paths[victim]
    title = next(credit.title for credit in plan.credits if credit.clip == victim)
    with pytest.raises(MissingClipError, match=rf"{title}.* of crow is missing\. .+\.$"):
        render(plan, paths, tmp_path / "out.wav")
    assert list(tmp_path.iterdir()) == []


def test_flac_has_the_samples_and_the_checksum_of_the_wav_file(tmp_path, library):
    plan, paths = plan_of(EVERYTHING, library), paths_of(library)
    wav, flac = tmp_path / "out.wav", tmp_path / "out.flac"
    stem = tmp_path / "stem.flac"
    rendering = render(plan, paths, wav)
    assert render(plan, paths, flac, stems=[stem]) == rendering
    assert rendering.checksum == hashlib.sha256(wav.read_bytes()).hexdigest()
    samples = [soundfile.read(path, dtype="int16")[0] for path in (wav, flac)]
    np.testing.assert_array_equal(*samples)
    assert soundfile.info(flac).format == soundfile.info(stem).format == "FLAC"
    assert flac.stat().st_size < wav.stat().st_size


def test_a_full_disk_ends_flac_with_an_error_and_no_file(tmp_path, library):
    refused = pytest.raises(OSError, match="FLAC cannot be written")
    with refused as raised, files_of_at_most(100_000):
        render(plan_of(EVERYTHING, library), paths_of(library), tmp_path / "out.flac")
    assert raised.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_failure_while_rendering_leaves_no_file(tmp_path, library):
    def fail(fraction):
        if fraction > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        render(plan_of([BED], library), paths_of(library), tmp_path / "out.wav", progress=fail)
    assert list(tmp_path.iterdir()) == []
