"""manage.py fetch_weights: against a server on this machine."""

import io

import pytest
from django.core.management import CommandError, call_command

from soundscapes.engine.matching import weights
from soundscapes.engine.matching.weights import find_weights
from tests.engine.test_weights import CONTENT, Server, serving


def run() -> str:
    shown = io.StringIO()
    call_command("fetch_weights", stdout=shown)
    return shown.getvalue()


@pytest.fixture
def hub(monkeypatch, settings, tmp_path):
    settings.ENCODER_CACHE = tmp_path
    with serving(Server()) as server:
        monkeypatch.setattr(weights, "_HUB", server.url)
        monkeypatch.setattr(weights, "_OPENAI", f"{server.url}/gone")
        yield server


def test_it_fetches_and_says_from_where_and_a_second_time_that_they_are_there(hub, tmp_path):
    shown = run()
    path = find_weights("ViT-B/32", tmp_path)
    assert path.read_bytes() == CONTENT
    assert str(path) in shown
    assert "from timm/vit_base_patch32_clip_224.openai" in shown
    assert "from cache" in run()


def test_a_slow_download_shows_a_bar(hub, capsys):
    hub.pause_every, hub.pause = len(CONTENT) // 8, 0.3
    run()
    assert "CLIP weights" in capsys.readouterr().err


def test_it_says_why_each_earlier_source_failed(hub):
    hub.gone = ("/timm", "/gone")
    shown = run()
    assert "timm/vit_base_patch32_clip_224.openai: the server answered 404" in shown
    assert "from openai/clip-vit-base-patch32" in shown


def test_where_all_sources_are_gone_it_fails_with_every_reason(hub, tmp_path):
    hub.gone = ("/timm", "/openai", "/gone")
    with pytest.raises(CommandError) as caught:
        run()
    assert str(caught.value).count("404") == 3
    assert find_weights("ViT-B/32", tmp_path) is None
