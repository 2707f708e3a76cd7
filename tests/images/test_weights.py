"""The need for CLIP's weights, and their download part by part."""

import pytest

from soundscapes.engine.errors import EncoderUnavailableError
from soundscapes.engine.matching.clip import weights as sources
from soundscapes.engine.matching.clip.weights import find_weights
from soundscapes.images import weights
from tests.engine.file_server import Server, serving, use_as_hub


@pytest.fixture
def hub(settings, tmp_path, monkeypatch):
    """Return a local server in place of all sources."""
    settings.ENCODER, settings.CLIP_WEIGHTS, settings.ENCODER_CACHE = "auto", "", tmp_path
    with serving(Server(bytes(range(256)) * 8192)) as server:
        use_as_hub(monkeypatch, server.url, tmp_path / "hub")
        monkeypatch.setattr(sources, "_OPENAI", server.url)
        yield server


@pytest.mark.usefixtures("hub")
def test_weights_are_missing_until_they_are_there(settings):
    assert weights.are_missing()
    weights.fetch_part(2.0)
    assert not weights.are_missing()


@pytest.mark.usefixtures("hub")
@pytest.mark.parametrize("fields", [{"ENCODER": "offline"}, {"CLIP_WEIGHTS": "/some/where.pt"}])
def test_unneeded_weights_are_not_missing(settings, fields):
    for name, value in fields.items():
        setattr(settings, name, value)
    assert not weights.are_missing()


def test_parts_continue_where_the_last_one_ended(hub, tmp_path):
    sizes = []
    for share in (0.25, 0.5, 0.75):
        weights.fetch_part(share)
        (part,) = (tmp_path / "clip").glob("*.part")
        sizes.append(part.stat().st_size / len(hub.content))
        assert find_weights("ViT-B/32", tmp_path) is None
    assert sizes == pytest.approx([0.25, 0.5, 0.75], abs=0.05)
    weights.fetch_part(2.0)
    assert find_weights("ViT-B/32", tmp_path).read_bytes() == hub.content
    assert hub.ranges[-1] > 0


def test_a_part_that_is_there_is_not_downloaded_again(hub, tmp_path):
    weights.fetch_part(0.5)
    (part,) = (tmp_path / "clip").glob("*.part")
    before = part.stat().st_size
    weights.fetch_part(0.25)
    assert part.stat().st_size - before < 0.05 * len(hub.content)


def test_every_source_s_reason_is_given_if_none_has_them(hub):
    hub.gone = ("/",)
    with pytest.raises(EncoderUnavailableError) as caught:
        weights.fetch_part(0.5)
    assert str(caught.value).count("404") == 3
