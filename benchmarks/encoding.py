"""Photos per second: the product against plain openai-clip with the same weights.

python -m benchmarks.encoding

Weights are random and have ViT-B/32's shape, because time does not depend on their values. The
plain path decodes in full and encodes one image at a time in float32. It is compared with the
product first on one view, then on four: the whole image and its squares. Further measurements: from
a 12-megapixel photo to a minute of audio, compared with pydub's overlays; and the memory of a
worker. All take turns, so that slow moments affect all equally.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from benchmarks import mixing
from soundscapes.engine.matching.clip import clip_encoder, clip_model
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.clip.image_tower import Tower, photo_tower
from soundscapes.engine.matching.encoder import unit, views
from soundscapes.engine.matching.offline.offline_encoder import OfflineEncoder
from soundscapes.engine.photos.reading import read_photo
from soundscapes.engine.sound.plan import Plan

SIDE = 224
ROUNDS = 9
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


def main(arguments: Sequence[str] | None = None) -> None:
    argparse.ArgumentParser(description=__doc__.partition("\n")[0]).parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        weights = random_weights(folder)
        model = clip_model.load_model(weights)
        encoder = ClipEncoder("ViT-B/32", weights, folder)
        tower = photo_tower(folder / "networks", "one view", lambda: model, has_gpu=False)
        print(f"{torch.get_num_threads()} threads, image tower in {encoder.arithmetic}")
        for title, size in (("12-megapixel JPEG", (4000, 3000)), ("500-pixel JPEG", (500, 375))):
            report_encoding(title, jpeg(size), model, tower, encoder)
        report_minute(jpeg((4000, 3000)), model, tower, encoder, folder)
        offline = OfflineEncoder(folder)
        image = read_photo(jpeg((500, 375))).image
        (each,) = medians(lambda: offline.encode_photos([image]))
        print(f"Offline encoder, one look at a photo by two networks: {each * 1e3:.1f} ms")
        photo = folder / "photo.jpg"
        photo.write_bytes(jpeg((500, 375)))
        for kind, path in (("clip", weights), ("offline", folder)):
            print(f"Memory of a process that encodes, {kind}: {memory(kind, path, photo)} MiB")


def report_encoding(
    title: str,
    data: bytes,
    model: torch.nn.Module,
    tower: Tower,
    encoder: ClipEncoder,
) -> None:
    plain, quick, plain_four, four = medians(
        lambda: encode_plainly(model, data),
        lambda: encode_quickly(tower, [data]),
        lambda: encode_views_plainly(model, data),
        lambda: encode_as_product(encoder, data),
    )
    (bulk,) = medians(lambda: encode_quickly(tower, [data] * 16), rounds=3)
    cosine = float(encode_plainly(model, data) @ encode_quickly(tower, [data])[0])
    print(
        f"{title}: plain {plain * 1e3:.1f} ms, product {quick * 1e3:.1f} ms "
        f"({plain / quick:.1f} times); with four views {plain_four * 1e3:.1f} and "
        f"{four * 1e3:.1f} ms ({plain_four / four:.1f} times); "
        f"in bulk {16 / bulk:.1f} photos/s ({plain / bulk * 16:.1f} times); cosine {cosine:.5f}"
    )


def report_minute(
    data: bytes,
    model: torch.nn.Module,
    tower: Tower,
    encoder: ClipEncoder,
    folder: Path,
) -> None:
    """Time the way from the photo's bytes to a WAV of a minute; matching vectors takes no time."""
    clips = {checksum: Path(path) for checksum, path in mixing.prepare(folder).items()}
    plan, output = Plan.from_json(json.loads((folder / "1.json").read_text())), folder / "mix.wav"
    plain, quick, plain_four, four = medians(
        lambda: (encode_plainly(model, data), mixing.pydub(plan, clips, output)),
        lambda: (encode_quickly(tower, [data]), mixing.product(plan, clips, output)),
        lambda: (encode_views_plainly(model, data), mixing.pydub(plan, clips, output)),
        lambda: (encode_as_product(encoder, data), mixing.product(plan, clips, output)),
    )
    print(
        f"12-megapixel JPEG to 60 s of audio: plain {plain * 1e3:.0f} ms, product "
        f"{quick * 1e3:.0f} ms ({plain / quick:.1f} times); with four views "
        f"{plain_four * 1e3:.0f} and {four * 1e3:.0f} ms ({plain_four / four:.1f} times)"
    )


def memory(kind: str, path: Path, photo: Path) -> int:
    """Return the memory in MiB of a new process that only encodes a photo."""
    command = [sys.executable, "-c", MEMORY, kind, str(path), str(photo)]
    done = subprocess.run(command, cwd=mixing.PROJECT, stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


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


def encode_plainly(model: torch.nn.Module, data: bytes) -> np.ndarray:
    return encode_images_plainly(model, [Image.open(io.BytesIO(data)).convert("RGB")])[0]


def encode_views_plainly(model: torch.nn.Module, data: bytes) -> np.ndarray:
    return encode_images_plainly(model, views(Image.open(io.BytesIO(data)).convert("RGB")))


def encode_images_plainly(model: torch.nn.Module, images: list[Image.Image]) -> np.ndarray:
    with torch.inference_mode():
        rows = [
            model.encode_image(torch.from_numpy(clip_encoder.preprocess(image, SIDE))[None])
            for image in images
        ]
    return unit(torch.cat(rows).numpy())


def encode_quickly(tower: Tower, files: list[bytes]) -> np.ndarray:
    images = [read_photo(data, least_side=2 * SIDE).image for data in files]
    pixels = np.stack([clip_encoder.preprocess(image, SIDE) for image in images])
    return unit(tower(pixels))


def encode_as_product(encoder: ClipEncoder, data: bytes) -> None:
    encoder.encode_photos([read_photo(data, least_side=2 * SIDE).image])


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
