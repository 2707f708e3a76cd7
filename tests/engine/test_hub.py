"""Hugging Face's hub: a local server that speaks as it does."""

import os
import shutil
import subprocess
import sys

import pytest
from huggingface_hub import constants, hf_hub_download

from soundscapes.engine import hub
from soundscapes.engine.errors import DownloadError
from tests.engine.file_server import CONTENT, Server, serving, use_as_hub

REPOSITORY, FILE = "somebody/model", "model.safetensors"


@pytest.fixture
def url(server, tmp_path, monkeypatch):
    use_as_hub(monkeypatch, server.url, tmp_path / "hub")
    return hub.url_of(REPOSITORY, FILE)


def checksum_error(url):
    with pytest.raises(DownloadError) as caught:
        hub.checksum_of(url, 5.0)
    return str(caught.value)


def test_a_mirror_is_named_by_the_environment():
    code = "from soundscapes.engine import hub; print(hub.url_of('somebody/model', 'a.txt'))"
    environment = os.environ | {"HF_ENDPOINT": "https://mirror.example/"}
    shown = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert shown.strip() == "https://mirror.example/somebody/model/resolve/main/a.txt"


def test_the_checksum_is_read_without_the_file(server, url):
    assert f'"{hub.checksum_of(url, 5.0)}"' == server.etag
    assert server.ranges == []


def test_the_checksum_of_a_redirect_counts_and_its_target_gets_no_token(
    server, monkeypatch, tmp_path
):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    use_as_hub(monkeypatch, f"{server.url}/redirect", tmp_path / "hub")
    with serving(Server()) as storage:
        server.moved_to, storage.etag = storage.url, '"another"'
        assert f'"{hub.checksum_of(hub.url_of(REPOSITORY, FILE), 5.0)}"' == server.etag
    assert hub.headers() == {"Authorization": "Bearer hf_secret"}
    assert server.tokens == ["Bearer hf_secret"]
    assert storage.tokens == []


def test_without_a_token_there_is_no_header(monkeypatch):
    monkeypatch.delenv("HF_TOKEN", raising=False)
    monkeypatch.setattr(constants, "HF_TOKEN_PATH", "/nowhere")
    assert hub.headers() == {}


def test_a_file_without_a_checksum_is_rejected(server, url):
    server.hidden_etag = True
    assert "SHA-256" in checksum_error(url)


def test_a_refusal_says_what_the_server_returned(server, url):
    server.gone = ("/somebody",)
    assert checksum_error(url) == "the server returned 404 Not Found"


def test_an_unreachable_server_and_a_switched_off_hub_are_named(url, monkeypatch):
    assert checksum_error("http://127.0.0.1:9/a") == "the server is unreachable"
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE" in checksum_error(url)


@pytest.mark.usefixtures("url")
def test_what_another_program_has_downloaded_is_copied(tmp_path):
    target = tmp_path / "clip" / FILE
    assert not hub.copy_cached(REPOSITORY, FILE, target)
    hf_hub_download(REPOSITORY, FILE)
    assert hub.copy_cached(REPOSITORY, FILE, target)
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    (tmp_path / "file").touch()
    assert not hub.copy_cached(REPOSITORY, FILE, tmp_path / "file" / FILE)  # cannot be written


@pytest.mark.usefixtures("url")
def test_two_processes_that_copy_at_once_both_get_the_whole_file(tmp_path, monkeypatch):
    target, copy = tmp_path / "clip" / FILE, shutil.copyfile
    hf_hub_download(REPOSITORY, FILE)
    seen = []

    def copy_slowly(source, part):
        monkeypatch.setattr(shutil, "copyfile", copy)
        with part.open("wb") as file:
            file.write(CONTENT[:1000])
            file.flush()
            seen.append(hub.copy_cached(REPOSITORY, FILE, target))
            seen.append(target.read_bytes() == CONTENT)
            file.write(CONTENT[1000:])

    monkeypatch.setattr(shutil, "copyfile", copy_slowly)
    assert hub.copy_cached(REPOSITORY, FILE, target)
    assert seen == [True, True]
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
