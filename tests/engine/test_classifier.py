"""The classifier gives the same answer on OpenVINO and on torch, even with a damaged cache."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.offline import efficientnet
from soundscapes.engine.matching.offline.classifier import Classifier, probabilities, shape_of
from soundscapes.engine.matching.offline.efficientnet import GRID
from soundscapes.engine.matching.offline.labels import COUNT, load_labels
from soundscapes.engine.starter import STARTER_IMAGES, load
from tests.components import require

torch = pytest.importorskip("torch")

TOLERANCE = 1e-3
SHAPES = """
import pathlib, sys
import psutil
from PIL import Image
from soundscapes.engine.matching.offline.classifier import Classifier
from soundscapes.engine.memory import return_free_memory, return_large_buffers

return_large_buffers(32 * 2**20, kept=64 * 2**20)
classifier = Classifier(pathlib.Path(sys.argv[1]))
def see(longs):
    for long in longs:
        for size in ((long, 320), (320, long)):
            classifier.logits(Image.new("RGB", size))
    return_free_memory()
    return psutil.Process().memory_info().rss

before = see(range(320, 961, 80))
print(see(range(360, 961, 80)) - before)
"""


@pytest.fixture(scope="module")
def images():
    return [load(image) for image in STARTER_IMAGES[:5]]


def logits_of(folder, images):
    classifier = Classifier(folder)
    return np.stack([classifier.logits(image) for image in images])


@pytest.fixture(scope="module")
def by_torch(tmp_path_factory, images):
    """Logits as on a machine without OpenVINO."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openvino_network, "is_installed", lambda: False)
        folder = tmp_path_factory.mktemp("torch")
        logits = logits_of(folder, images)
    assert list(folder.iterdir()) == []
    return logits


@pytest.fixture(scope="module")
def cache(tmp_path_factory, first_encoding):
    """A copy, because tests damage its files."""
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    folder = tmp_path_factory.mktemp("openvino")
    shutil.copytree(first_encoding.cache / "networks", folder / "networks")
    return folder


def test_both_ways_of_running_it_give_the_same_probabilities(cache, images, by_torch):
    have = probabilities(logits_of(cache, images))
    assert have.shape == (len(images), GRID, GRID, COUNT)
    assert np.abs(have - probabilities(by_torch)).max() < TOLERANCE


def test_the_places_average_to_what_the_published_networks_say_of_a_square(tmp_path, monkeypatch):
    """Pooling and classifier are linear, so the order does not matter."""
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    variant = efficientnet.VARIANTS[0]
    monkeypatch.setattr(efficientnet, "VARIANTS", (variant,))
    square = load(STARTER_IMAGES[0]).resize((variant.side, variant.side))
    pixels = (np.asarray(square, dtype=np.float32).transpose(2, 0, 1)[None] - 127.0) / 128.0
    published = efficientnet.load_network(variant).network
    with torch.inference_mode():
        want = published(torch.from_numpy(pixels)).numpy()[0]
    have = Classifier(tmp_path).logits(square).mean(axis=(0, 1))
    assert np.abs(have - want).max() < 1e-3 * np.abs(want).max()


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((500, 500), (240, 240)),
        ((600, 400), (368, 240)),
        ((400, 600), (240, 368)),
        ((1800, 600), (720, 240)),
        ((9000, 300), (720, 240)),
        ((16, 16), (240, 240)),
    ],
)
def test_a_photo_is_looked_at_whole_at_its_own_shape(size, shape):
    assert shape_of(size, 240) == shape


def test_both_ends_of_a_panorama_are_seen(cache):
    """A cat on the left and a coffee on the right of a grey strip, three times as wide as high."""
    named = {image.slug: load(image).resize((300, 300)) for image in STARTER_IMAGES}
    strip = Image.new("RGB", (900, 300), "grey")
    strip.paste(named["cat"], (0, 0))
    strip.paste(named["coffee"], (600, 0))
    chances = probabilities(Classifier(cache).logits(strip)).mean(axis=0)  # of each column
    names = [label.name for label in load_labels()]
    cat, espresso = names.index("tabby cat"), names.index("espresso")
    assert chances[:2, cat].mean() > 10 * chances[4:, cat].mean()
    assert chances[4:, espresso].mean() > 10 * chances[:2, espresso].mean()


def test_every_network_has_the_same_weight(tmp_path, images, by_torch, monkeypatch):
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    alone = []
    for variant in efficientnet.VARIANTS:
        with monkeypatch.context() as patch:
            patch.setattr(efficientnet, "VARIANTS", (variant,))
            alone.append(logits_of(tmp_path, images))
    assert len(alone) == 2
    assert np.abs(alone[0] - alone[1]).max() > 0.5
    assert np.abs(np.mean(alone, axis=0) - by_torch).max() < TOLERANCE


def test_the_networks_are_converted_once(cache, monkeypatch):
    monkeypatch.setattr(efficientnet, "load_network", lambda _: pytest.fail("converted again"))
    Classifier(cache)


def test_a_damaged_network_is_rebuilt(cache, images, by_torch):
    """One network lacks its description, the other most of its weights."""
    (described, _), (_, weighed) = (
        (folder / "network.xml", folder / "network.bin")
        for folder in sorted((cache / "networks").iterdir())
    )
    damaged = {described: 0, weighed: 1000}
    for path, left in damaged.items():
        path.write_bytes(path.read_bytes()[:left])
    have = probabilities(logits_of(cache, images))
    assert np.abs(have - probabilities(by_torch)).max() < TOLERANCE
    assert all(path.stat().st_size > left for path, left in damaged.items())


def test_a_warm_process_imports_no_torch_and_sends_no_telemetry(cache, tmp_path):
    program = (
        "import sys, pathlib, socket\n"
        "def refuse(*args, **kwargs): raise OSError('no network in this test')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from PIL import Image\n"
        "from soundscapes.engine.matching.offline.classifier import Classifier\n"
        "Classifier(pathlib.Path(sys.argv[1])).logits(Image.new('RGB', (300, 200)))\n"
        "loaded = {name for name, module in sys.modules.items() if module}\n"
        "print(sorted({'torch', 'openvino_telemetry'} & loaded))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(cache)],
        env={"HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert list(tmp_path.iterdir()) == []


def test_photos_of_many_shapes_take_no_more_memory(cache):
    command = [sys.executable, "-c", SHAPES, str(cache)]
    grown = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    assert grown < 15 * 2**20
