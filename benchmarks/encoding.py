"""Photos per second of CLIP: the product against plain openai-clip with the same weights.

python -m benchmarks.encoding

Weights are random and have ViT-B/32's shape, because time does not depend on their values. The
plain path decodes in full and encodes one image at a time in float32 on the same device. The
product looks once, too, and also says where things are. What is printed: each way from a file to a
ranking, on this processor and as one with AVX2 alone; number formats of the network, with the
least cosines and the rankings that they keep on real photos (int8 by NNCF, where it is installed;
random weights lack the outliers of real ones, for which int8 is not safe); photos a second in bulk
by cores; a minute of audio, beside pydub; the memory of a worker. What is compared takes turns, so
that slow moments affect all equally.
"""

from __future__ import annotations

import argparse
import importlib.util
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from benchmarks import machine, mixing
from soundscapes.engine import scenes, starter
from soundscapes.engine.catalogue import load_catalogue
from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.bulk import BATCH, encode_in_bulk
from soundscapes.engine.matching.clip import clip_model, devices, image_tower
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.clip.one_pass import OnePass, normalised
from soundscapes.engine.matching.clip.published import PUBLISHED
from soundscapes.engine.matching.clip.squares import Pixels, squares_of
from soundscapes.engine.matching.matcher import rank
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.vectors import Vectors, unit
from soundscapes.engine.photos.reading import read_photo, read_stored
from soundscapes.engine.sound.plan import Plan

MODEL, SIDE = "ViT-B/32", 224
RECIPE = PUBLISHED[MODEL].recipe
ENOUGH = 2 * SIDE
ROUNDS, BULK = 9, 128
AVX2 = {
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "ATEN_CPU_CAPABILITY": "avx2",
}
"""As on a processor without AVX-512 and bfloat16."""
MEMORY = """
import sys, psutil
from pathlib import Path
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.photos.reading import read_photo
kind, path, photo = sys.argv[1:]
path = Path(path)
encoder = ClipEncoder("ViT-B/32", path, path.parent) if kind == "clip" else OfflineEncoder(path)
encoder.encode_photos([read_photo(Path(photo).read_bytes()).image])
print(f"{psutil.Process().memory_info().rss / 2**20:.0f}")
"""


@dataclass(frozen=True)
class Bench:
    """The plain model and the product's encoder with the same weights, on the same device."""

    folder: Path
    weights: Path
    model: torch.nn.Module
    encoder: ClipEncoder
    texts: dict[str, Vectors]

    def plainly(self, data: bytes) -> Vectors:
        """Return openai-clip's vector of a file."""
        return encode_plainly(self.model, Image.open(io.BytesIO(data)).convert("RGB"))

    def plain_ranking(self, data: bytes) -> list[str]:
        vector = self.plainly(data)
        scores = {slug: float((rows @ vector).max()) for slug, rows in self.texts.items()}
        return sorted(scores, key=lambda slug: -scores[slug])

    def ranking(self, data: bytes) -> list[str]:
        (encoding,) = self.encoder.encode_photos([read_photo(data, least_side=ENOUGH).image])
        return [match.category for match in rank(encoding, load_catalogue(), self.texts)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--as-avx2", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--bulk", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        if options.as_avx2:
            forbid_halves()
        bench = prepared(Path(name))
        if options.bulk:
            return report_bulk(bench)
        report_processor(bench)
        report_files(bench)
        if options.as_avx2:
            return None
        run_again("--as-avx2", AVX2)
        report_formats(bench)
        for cores in sorted({1, 2, os.cpu_count() or 1}):
            run_again("--bulk", {}, cores)
        report_minute(bench)
        report_memory(bench)
    return None


def prepared(folder: Path) -> Bench:
    weights = random_weights(folder)
    model = clip_model.load_model(weights, RECIPE.activation).to(devices.best())
    rng = np.random.default_rng(0)
    texts = {
        category.slug: unit(rng.normal(size=(len(category.prompts), 512)))
        for category in load_catalogue()
    }
    return Bench(folder, weights, model, ClipEncoder(MODEL, weights, folder), texts)


def forbid_halves() -> None:
    openvino_network._halves_natively = lambda: False
    image_tower.half_precision = lambda _device: None


def run_again(option: str, environment: dict[str, str], cores: int | None = None) -> None:
    """Run a part of the benchmark in a new process, which takes settings of processors."""
    command = [sys.executable, "-m", "benchmarks.encoding", option]
    limit = None if cores is None else lambda: os.sched_setaffinity(0, range(cores))
    sys.stdout.flush()
    subprocess.run(
        command, cwd=mixing.PROJECT, env=os.environ | environment, check=True, preexec_fn=limit
    )


def report_processor(bench: Bench) -> None:
    limit = os.environ.get("ONEDNN_MAX_CPU_ISA")
    print(
        f"\nProcessor: {machine.described()}{f', used as {limit}' if limit else ''}; "
        f"{torch.get_num_threads()} threads; CLIP in {bench.encoder.arithmetic}"
    )


def report_files(bench: Bench) -> None:
    for title, size in (("12-megapixel JPEG", (4000, 3000)), ("500-pixel JPEG", (500, 375))):
        report_file(bench, title, jpeg(size))


def report_file(bench: Bench, title: str, data: bytes) -> None:
    plain, product = medians(lambda: bench.plain_ranking(data), lambda: bench.ranking(data))
    (encoding,) = bench.encoder.encode_photos([read_photo(data, least_side=ENOUGH).image])
    cosine = float(bench.plainly(data) @ encoding.vectors[0])
    print(
        f"{title} to ranking: plain {plain * 1e3:.1f} ms, product {product * 1e3:.1f} ms "
        f"({plain / product:.1f} times); cosine {cosine:.5f}"
    )


@dataclass(frozen=True)
class Form:
    """One form of the network: from pixels (n, side, side, 3) to vectors."""

    name: str
    run: Callable[[Pixels], Vectors]


def report_formats(bench: Bench) -> None:
    """Compare forms of the network on the photos that come with the application."""
    photos = [starter.load(each) for each in starter.STARTER_IMAGES]
    photos += [scene.load() for scene in scenes.SCENES]
    pixels = np.concatenate([squares_of(photo.size, SIDE).cut(photo) for photo in photos])
    forms = forms_of(bench, pixels)
    times = medians(*(partial_run(form, pixels[:1]) for form in forms))
    bulk = medians(
        *(partial_run(form, np.resize(pixels, (BATCH, *pixels.shape[1:]))) for form in forms)
    )
    want = forms[1].run(pixels)
    print(
        "The network alone: ms for one photo, photos/s in a batch, least cosines, same first three"
    )
    for form, one, many in zip(forms, times, bulk, strict=True):
        kept = "" if form is forms[0] else compared(want, form.run(pixels), bench.texts)
        print(f"  {form.name:28s} {one * 1e3:7.1f} {BATCH / many:7.1f} {kept}")


def partial_run(form: Form, pixels: Pixels) -> Callable[[], Vectors]:
    return lambda: form.run(pixels)


def forms_of(bench: Bench, pixels: Pixels) -> list[Form]:
    """Return plain openai-clip first, then the product's in float32, then the others."""
    visual = clip_model.load_model(bench.weights, RECIPE.activation).visual
    network = OnePass(visual, RECIPE.mean, RECIPE.std).eval()
    forms = [
        Form(f"openai-clip on {devices.best()}", lambda each: plain_vectors(bench.model, each)),
        Form("torch f32 on cpu", lambda each: image_tower._run(network, each)),
    ]
    quick = image_tower.TorchTower(network)
    if quick.precision != "f32":
        forms.append(Form(f"torch {quick.precision} on cpu", quick))
    if openvino_network.is_installed():
        forms += converted(bench.folder / "forms", network, pixels)
    if devices.best() != devices.CPU:
        tower = bench.encoder._towers.image
        forms.append(Form(f"torch {tower.precision} on {tower.device}", tower))
    return forms


def converted(folder: Path, network: OnePass, pixels: Pixels) -> list[Form]:
    example = image_tower._with_example(network)
    single = openvino_network.kept_network(folder, "single", lambda: example)
    forms = [Form("OpenVINO f32", single)]
    if openvino_network._halves_natively():
        half = openvino_network.kept_network(folder, "half", lambda: example, may_halve=True)
        forms.append(Form(f"OpenVINO {half.precision}", half))
    if importlib.util.find_spec("nncf"):
        forms.append(Form("OpenVINO int8 (NNCF)", quantised(folder, pixels)))
    else:
        print("int8: not tried, as nncf is not installed (pip install nncf)")
    return forms


def quantised(folder: Path, pixels: Pixels) -> openvino_network.OpenVinoNetwork:
    import nncf
    import openvino

    path = next(folder.glob("*/network.xml"))
    examples = nncf.Dataset([each[None] for each in pixels])
    whole = folder / "int8"
    small = nncf.quantize(
        openvino.Core().read_model(path), examples, model_type=nncf.ModelType.TRANSFORMER
    )
    openvino.save_model(small, whole / "network.xml")
    return openvino_network.OpenVinoNetwork(whole, openvino_network.SINGLE)


def compared(want: Vectors, have: Vectors, texts: dict[str, Vectors]) -> str:
    cosines = (unit(want) * unit(have)).sum(axis=-1)
    prompts = np.concatenate(list(texts.values()))
    first = [np.argsort(-(unit(rows[:, 0]) @ prompts.T))[:, :3] for rows in (want, have)]
    same = (np.sort(first[0]) == np.sort(first[1])).all(axis=1).mean()
    return f"whole {cosines[:, 0].min():.5f}, places {cosines[:, 1:].min():.5f}, {same:.0%}"


def report_bulk(bench: Bench) -> None:
    """Encode stored images as `embed_images` does, beside one at a time by the plain model."""
    cores = len(os.sched_getaffinity(0))
    data = jpeg((500, 375))
    batches = [[data] * BATCH] * (BULK // BATCH)

    def product() -> None:
        for _ in encode_in_bulk(
            bench.encoder, batches, lambda each: read_stored(each, ENOUGH), cores
        ):
            pass

    plain, quick = medians(lambda: [bench.plainly(data) for _ in range(8)], product, rounds=3)
    print(
        f"In bulk, {cores} cores: plain {8 / plain:.1f} photos/s, "
        f"product {BULK / quick:.1f} photos/s ({BULK / quick * plain / 8:.1f} times)"
    )


def report_minute(bench: Bench) -> None:
    """Time the way from the photo's bytes to a WAV of a minute."""
    folder, data = bench.folder, jpeg((4000, 3000))
    clips = {checksum: Path(path) for checksum, path in mixing.prepare(folder).items()}
    plan, output = Plan.from_json(json.loads((folder / "1.json").read_text())), folder / "mix.wav"
    plain, product = medians(
        lambda: (bench.plain_ranking(data), mixing.pydub(plan, clips, output)),
        lambda: (bench.ranking(data), mixing.product(plan, clips, output)),
    )
    print(
        f"12-megapixel JPEG to 60 s of audio: plain {plain * 1e3:.0f} ms, product "
        f"{product * 1e3:.0f} ms ({plain / product:.1f} times)"
    )


def report_memory(bench: Bench) -> None:
    photo = bench.folder / "photo.jpg"
    photo.write_bytes(jpeg((500, 375)))
    offline, image = OfflineEncoder(bench.folder), read_photo(photo.read_bytes()).image
    (each,) = medians(lambda: offline.encode_photos([image]))
    print(f"Offline encoder, one look at a photo by two networks: {each * 1e3:.1f} ms")
    for kind, path in (("clip", bench.weights), ("offline", bench.folder)):
        command = [sys.executable, "-c", MEMORY, kind, str(path), str(photo)]
        done = subprocess.run(command, cwd=mixing.PROJECT, stdout=subprocess.PIPE, check=True)
        print(f"Memory of a process that encodes, {kind}: {int(done.stdout)} MiB")


def random_weights(folder: Path) -> Path:
    """Write random weights of ViT-B/32's shape."""
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    path = folder / "random.safetensors"
    save_file(CLIP(512, SIDE, 12, 768, 32, 77, 49408, 512, 8, 12).state_dict(), path)
    return path


def jpeg(size: tuple[int, int]) -> bytes:
    coarse = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def encode_plainly(model: torch.nn.Module, image: Image.Image) -> Vectors:
    pixels = squares_of(image.size, SIDE).cut(image)
    return plain_vectors(model, pixels)[0]


def plain_vectors(model: torch.nn.Module, pixels: Pixels) -> Vectors:
    """Encode one image at a time in float32, as openai-clip is used plainly."""
    with torch.inference_mode():
        rows = [
            model.encode_image(
                normalised(torch.from_numpy(each[None]), RECIPE.mean, RECIPE.std).to(devices.best())
            ).cpu()
            for each in pixels
        ]
    return unit(torch.cat(rows).numpy())


def medians(*works: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return the seconds of each, run in turns after one warm-up run."""
    seconds: list[list[float]] = [[] for _ in works]
    for turn in range(rounds + 1):
        for work, taken in zip(works, seconds, strict=True):
            started = time.perf_counter()
            work()
            if turn:
                taken.append(time.perf_counter() - started)
    return [statistics.median(taken) for taken in seconds]


if __name__ == "__main__":
    main()
