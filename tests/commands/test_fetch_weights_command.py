"""manage.py fetch_weights with a local server that has a tiny CLIP."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from soundscapes.engine.matching.clip import weights
from soundscapes.engine.matching.clip.clip_encoder import ClipEncoder
from soundscapes.engine.matching.clip.weights import find_weights
from soundscapes.images import matching
from tests import factories
from tests.clip_files import save_tiny_clip
from tests.engine.file_server import Server, serving, use_as_hub

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def run() -> str:
    shown = io.StringIO()
    call_command("fetch_weights", stdout=shown)
    return shown.getvalue()


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    return save_tiny_clip(tmp_path_factory.mktemp("tiny")).read_bytes()


@pytest.fixture
def hub(monkeypatch, settings, tmp_path, content):
    settings.ENCODER, settings.ENCODER_CACHE = "auto", tmp_path
    matching._texts.cache_clear()
    with serving(Server(content)) as server:
        use_as_hub(monkeypatch, server.url, tmp_path / "hub")
        monkeypatch.setattr(weights, "_OPENAI", f"{server.url}/gone")
        yield server
    matching._texts.cache_clear()
    matching._load.cache_clear()


def test_weights_are_downloaded_once_with_their_source(hub, tmp_path):
    shown = run()
    path = find_weights("ViT-B/32", tmp_path)
    assert path.read_bytes() == hub.content
    assert str(path) in shown
    assert "from timm/vit_base_patch32_clip_224.openai" in shown
    assert "from cache" in run()


def test_a_slow_download_shows_a_progress_bar(hub, capsys):
    hub.pause_every, hub.pause = len(hub.content) // 8, 0.16  # the bar appears after 1 s
    run()
    assert "CLIP weights" in capsys.readouterr().err


def test_failed_sources_are_reported_with_reasons(hub):
    hub.gone = ("/timm", "/gone")
    shown = run()
    assert "timm/vit_base_patch32_clip_224.openai: the server returned 404" in shown
    assert "from openai/clip-vit-base-patch32" in shown


def test_the_command_fails_with_every_reason_if_all_sources_fail(hub, tmp_path):
    hub.gone = ("/timm", "/openai", "/gone")
    with pytest.raises(CommandError) as caught:
        run()
    assert str(caught.value).count("404") == 3
    assert find_weights("ViT-B/32", tmp_path) is None


@pytest.mark.usefixtures("hub")
def test_all_descriptions_are_encoded_afterwards(monkeypatch):
    dog = factories.category_named("dog")
    run()
    assert matching.current_encoder().slug == "clip-look-1-vit-b-32"
    assert matching.is_prepared()
    matching._texts.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(ClipEncoder, "encode_texts", lambda *_: pytest.fail("encoded again"))
        matching.warm_up()
        run()
    dog.prompts = ["a whippet"]
    dog.save()
    assert not matching.is_prepared()


def test_invalid_weights_are_reported(hub):
    junk = Server(b"no weights at all" * 10_000)
    hub.content, hub.etag = junk.content, junk.etag
    with pytest.raises(CommandError, match="contains no readable CLIP weights"):
        run()


@pytest.mark.usefixtures("hub")
def test_before_the_setup_only_the_weights_are_downloaded(monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: [])
    assert "from timm/" in run()
    assert not matching.is_prepared()
