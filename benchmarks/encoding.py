"""Photos per second: the product's path against openai-clip used plainly, on the same weights.

python -m benchmarks.encoding

Weights are random ones of ViT-B/32's shape: time does not depend on their values. The plain path
decodes in full and encodes one picture at a time in float32, and so does the product's with one
view, so that both do the same work.
"""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import torch
from PIL import Image
from safetensors.torch import save_file

from soundscapes.engine.matching import clip_encoder, clip_model
from soundscapes.engine.matching.clip_fast import fastest_tower
from soundscapes.engine.matching.offline_encoder import OfflineEncoder
from soundscapes.engine.matching.photos import read_photo

SIDE = 224
CPU = torch.device("cpu")


def main() -> None:
    model = random_model()
    tower = fastest_tower(model.visual, SIDE, CPU)
    kind = next(tower.parameters()).dtype
    print(f"{torch.get_num_threads()} threads, image tower in {kind}")
    for name, size in (("12-megapixel JPEG", (4000, 3000)), ("500-pixel JPEG", (500, 375))):
        data = jpeg(size)
        plain = median(lambda data=data: encode_plainly(model, data))
        quick = median(lambda data=data: encode_quickly(tower, [data]))
        bulk = median(lambda data=data: encode_quickly(tower, [data] * 16), 3) / 16
        cosine = float(encode_plainly(model, data) @ encode_quickly(tower, [data])[0])
        print(
            f"{name}: plainly {plain * 1e3:.1f} ms, here {quick * 1e3:.1f} ms "
            f"({plain / quick:.1f} times), in bulk {1 / bulk:.1f} photos/s "
            f"({plain / bulk:.1f} times), cosine {cosine:.5f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        offline = OfflineEncoder(Path(folder))
        image = read_photo(jpeg((500, 375))).image
        offline.encode_photos([image])
        each = median(lambda: offline.encode_photos([image]))
    print(f"Offline encoder, four views of a photo: {each * 1e3:.1f} ms")
    print(
        f"Memory of this process: {psutil.Process(os.getpid()).memory_info().rss / 2**20:.0f} MiB"
    )


def random_model() -> torch.nn.Module:
    """ViT-B/32 with random weights, through a file as in the product."""
    clip_model._bare_package()
    from clip.model import CLIP

    torch.manual_seed(0)
    shape = (512, SIDE, 12, 768, 32, 77, 49408, 512, 8, 12)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "random.safetensors"
        save_file(CLIP(*shape).state_dict(), path)
        return clip_model.load_model(path)


def jpeg(size: tuple[int, int]) -> bytes:
    coarse = np.random.default_rng(0).integers(0, 255, (30, 40, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def encode_plainly(model: torch.nn.Module, data: bytes) -> np.ndarray:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    with torch.inference_mode():
        row = model.encode_image(torch.from_numpy(clip_encoder.preprocess(image, SIDE))[None])
    return (row / row.norm())[0].numpy()


def encode_quickly(tower: torch.nn.Module, files: list[bytes]) -> np.ndarray:
    images = [read_photo(data, least_side=2 * SIDE).image for data in files]
    pixels = np.stack([clip_encoder.preprocess(image, SIDE) for image in images])
    with torch.inference_mode():
        rows = tower(torch.from_numpy(pixels).to(next(tower.parameters()).dtype)).float()
    return (rows / rows.norm(dim=1, keepdim=True)).numpy()


def median(work: Callable[[], object], times: int = 9) -> float:
    """Seconds, after one run to warm up."""
    work()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
