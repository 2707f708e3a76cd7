"""Fetching weights from a real local HTTP server."""

import hashlib

import pytest
from huggingface_hub import hf_hub_download

from soundscapes.engine import download
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.clip import published, weights
from soundscapes.engine.matching.clip.weights import Source, fetch_weights, find_weights
from tests.engine.file_server import CONTENT, Server, serving, use_as_hub

CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


def fetch(tmp_path, *sources, **options):
    return fetch_weights("ViT-B/32", tmp_path, sources=sources, **options)


def leftovers(tmp_path):
    return sorted(path.name for path in (tmp_path / "clip").glob("*"))


def test_a_file_is_fetched_verified_and_then_found(tmp_path, server):
    seen = []
    report = fetch(
        tmp_path,
        Source("mirror", f"{server.url}/file.safetensors"),
        progress=lambda have, total: seen.append((have, total)),
    )
    assert report.path is not None
    assert report.path.read_bytes() == CONTENT
    assert (report.source, report.failures) == ("mirror", ())
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert find_weights("ViT-B/32", tmp_path) == report.path
    assert leftovers(tmp_path) == ["vit-b-32.safetensors"]


def test_existing_weights_are_not_fetched_again(tmp_path, server):
    source = Source("mirror", f"{server.url}/file.safetensors")
    fetch(tmp_path, source)
    asked = len(server.ranges)
    report = fetch(tmp_path, source)
    assert report.source == "cache"
    assert len(server.ranges) == asked


def test_a_server_that_keeps_stalling_is_replaced_by_the_next(tmp_path, server, monkeypatch):
    monkeypatch.setattr(download, "READ_TIMEOUT", 0.2)
    server.pause_every, server.pause = 300_000, 0.8
    with serving(Server()) as other:
        report = fetch(
            tmp_path,
            Source("silent", f"{server.url}/file.safetensors", CHECKSUM),
            Source("other", f"{other.url}/file.safetensors"),
        )
    assert report.source == "other"
    assert report.path.read_bytes() == CONTENT
    assert "did not respond in time" in report.failures[0].reason
    assert len(server.ranges) == download.ATTEMPTS
    assert other.ranges[0] > 0  # the same checksum: the first source's bytes are kept


def test_the_next_source_is_tried_and_the_report_says_why(tmp_path, server):
    report = fetch(
        tmp_path,
        Source("first", f"{server.url}/gone/file.safetensors"),
        Source("second", f"{server.url}/file.safetensors"),
    )
    assert report.source == "second"
    assert [failure.source for failure in report.failures] == ["first"]
    assert "404" in report.failures[0].reason
    assert "first: the server returned 404" in str(report)
    assert "from second" in str(report)


def test_the_failure_of_all_sources_is_reported_not_raised(tmp_path, server):
    report = fetch(
        tmp_path,
        Source("gone", f"{server.url}/gone.safetensors"),
        Source("nobody", "http://127.0.0.1:9/file.safetensors"),
        Source("nowhere", "http://no-such-host.invalid/file.safetensors"),
    )
    assert report.path is None
    assert [failure.source for failure in report.failures] == ["gone", "nobody", "nowhere"]
    assert "No source provided" in str(report)


def test_an_explicit_file_takes_precedence_over_the_cache(tmp_path):
    (tmp_path / "clip").mkdir()
    cached = tmp_path / "clip" / "vit-b-32.safetensors"
    cached.touch()
    named = tmp_path / "mine.safetensors"
    assert find_weights("ViT-B/32", tmp_path, named) is None
    named.touch()
    assert find_weights("ViT-B/32", tmp_path, named) == named
    assert find_weights("ViT-B/32", tmp_path) == cached


def test_the_hub_gets_the_token_and_nobody_else_does(tmp_path, server, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    use_as_hub(monkeypatch, f"{server.url}/redirect", tmp_path / "hub")
    monkeypatch.setattr(weights, "_OPENAI", f"{server.url}/gone")
    hub, *_others, openai = weights.default_sources("ViT-B/32")
    with serving(Server()) as storage:
        server.moved_to = storage.url
        assert fetch(tmp_path, openai, hub).source == hub.name
    assert server.tokens == [None, "Bearer hf_secret", "Bearer hf_secret"]
    assert set(storage.tokens) == {None}


def test_a_file_of_another_checksum_than_the_hub_s_is_rejected(tmp_path, server):
    server.etag = f'"{"1" * 64}"'
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors"))
    assert "checksum" in report.failures[0].reason
    assert leftovers(tmp_path) == []


def test_a_copy_in_the_hub_s_cache_comes_before_every_download(tmp_path, server, monkeypatch):
    use_as_hub(monkeypatch, server.url, tmp_path / "hub")
    first, second, openai = weights.default_sources("ViT-B/32")
    hf_hub_download(second.name, "model.safetensors")
    asked = len(server.tokens)
    report = fetch(tmp_path, first, second, openai)
    assert (report.source, report.failures) == (second.name, ())
    assert report.path.read_bytes() == CONTENT
    assert len(server.tokens) == asked


def test_every_model_has_sources_and_pickles_need_a_checksum():
    openai = {"RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-L/14@336px"}
    sizes = {"ViT-B/32", "ViT-B/16", "ViT-L/14"}
    others = {f"{size} {data}" for size in sizes for data in ("LAION-2B", "DataComp-XL")}
    assert set(published.MODELS) == openai | sizes | others
    for model in published.MODELS:
        for source in weights.default_sources(model):
            assert source.url.startswith("https://")
            assert source.url.endswith(".safetensors") or source.sha256


def test_no_two_models_share_a_file_name():
    names = {weights.file_stem(model) for model in published.MODELS}
    assert len(names) == len(published.MODELS)
    assert weights.file_stem("ViT-B/32 DataComp-XL") == "vit-b-32-datacomp-xl"


def test_an_unknown_model_is_named_in_the_error(tmp_path):
    with pytest.raises(EngineError, match="ViT-Z/99"):
        fetch_weights("ViT-Z/99", tmp_path)


def test_a_file_with_another_checksum_is_not_kept(tmp_path, server):
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors", "0" * 64))
    assert report.path is None
    assert "checksum" in report.failures[0].reason
    assert leftovers(tmp_path) == []
