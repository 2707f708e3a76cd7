"""The classifier gives the same answer on OpenVINO and on torch, even with a damaged cache."""

import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from soundscapes.engine.matching import openvino_network
from soundscapes.engine.matching.offline import efficientnet
from soundscapes.engine.matching.offline.classifier import Classifier, probabilities
from soundscapes.engine.starter import STARTER_IMAGES, load
from tests.components import require

TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def images():
    return [load(image) for image in STARTER_IMAGES[:5]]


@pytest.fixture(scope="module")
def by_torch(tmp_path_factory, images):
    """Logits as on a machine without OpenVINO."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(openvino_network, "is_installed", lambda: False)
        folder = tmp_path_factory.mktemp("torch")
        logits = Classifier(folder).logits(images)
    assert list(folder.iterdir()) == []
    return logits


@pytest.fixture(scope="module")
def cache(tmp_path_factory, first_encoding):
    """A copy, because tests damage its files."""
    require(openvino_network.is_installed(), "OpenVINO is not installed here")
    folder = tmp_path_factory.mktemp("openvino")
    shutil.copytree(first_encoding.cache / "networks", folder / "networks")
    return folder


def test_openvino_and_torch_give_the_same_probabilities(cache, images, by_torch):
    have = probabilities(Classifier(cache).logits(images))
    assert np.abs(have - probabilities(by_torch)).max() < TOLERANCE
    assert have.argmax(axis=1).tolist() == by_torch.argmax(axis=1).tolist()


def test_more_images_than_a_batch_keep_their_order(cache, images, by_torch):
    have = probabilities(Classifier(cache).logits(images * 5))
    assert np.abs(have - np.tile(probabilities(by_torch), (5, 1))).max() < TOLERANCE


def test_an_image_and_its_mirror_image_have_the_same_probabilities(cache, images):
    classifier = Classifier(cache)
    mirrored = [image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for image in images]
    have, want = (probabilities(classifier.logits(seen)) for seen in (mirrored, images))
    assert np.abs(have - want).max() < 0.01  # resizing is not exactly symmetric


def test_every_network_has_the_same_weight(tmp_path, images, by_torch, monkeypatch):
    monkeypatch.setattr(openvino_network, "is_installed", lambda: False)
    alone = []
    for variant in efficientnet.VARIANTS:
        with monkeypatch.context() as patch:
            patch.setattr(efficientnet, "VARIANTS", (variant,))
            alone.append(Classifier(tmp_path).logits(images))
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
    have = probabilities(Classifier(cache).logits(images))
    assert np.abs(have - probabilities(by_torch)).max() < TOLERANCE
    assert all(path.stat().st_size > left for path, left in damaged.items())


def test_a_warm_process_imports_no_torch_and_sends_no_telemetry(cache, tmp_path):
    program = (
        "import sys, pathlib, socket\n"
        "def refuse(*args, **kwargs): raise OSError('no network in this test')\n"
        "socket.socket.connect = socket.getaddrinfo = refuse\n"
        "from PIL import Image\n"
        "from soundscapes.engine.matching.offline.classifier import Classifier\n"
        "Classifier(pathlib.Path(sys.argv[1])).logits([Image.new('RGB', (300, 200))])\n"
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
