"""Fetching weights, against a real HTTP server on this machine."""

import hashlib
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from soundscapes.engine import download
from soundscapes.engine.download import DownloadError
from soundscapes.engine.errors import EngineError
from soundscapes.engine.matching.clip import published, weights
from soundscapes.engine.matching.clip.weights import Source, fetch_weights, find_weights

CONTENT = bytes(range(256)) * 20_000
CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


class Server:
    """What the server should do, and what it was asked."""

    def __init__(self, content=CONTENT):
        self.content = content
        self.ranges = []
        self.break_after = None
        self.breaks_left = 0
        self.supports_ranges = True
        self.etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self.pause_every = None
        self.pause = 0.0
        self.after_piece = lambda _sent: None
        self.url = ""
        self.gone = ("/gone",)


@contextmanager
def serving(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            if self.path.startswith(server.gone):
                self.send_error(404)
                return
            if self.path.startswith("/redirect"):
                self.send_response(302)
                self.send_header("Location", "/file.safetensors")
                self.send_header("X-Linked-Etag", server.etag)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_file(body)

        def send_file(self, body):
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(wanted[1]) if wanted and server.supports_ranges else 0
            if body:
                server.ranges.append(start)
            if start >= len(server.content):
                self.send_error(416)
                return
            rest = server.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            if not server.hidden_etag:
                self.send_header("ETag", server.etag)
            self.end_headers()
            if not body:
                return
            if server.breaks_left:
                server.breaks_left -= 1
                rest = rest[: server.break_after]
                self.close_connection = True
            step = server.pause_every or len(rest)
            for at in range(0, len(rest), step):
                self.wfile.write(rest[at : at + step])
                server.after_piece(start + at + step)
                time.sleep(server.pause)

    server.hidden_etag = getattr(server, "hidden_etag", False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_port}"
        yield server
        http.shutdown()


@pytest.fixture
def server():
    with serving(Server()) as running:
        yield running


def fetch(tmp_path, *sources, **options):
    return fetch_weights("ViT-B/32", tmp_path, sources=sources, **options)


def leftovers(tmp_path):
    return sorted(path.name for path in (tmp_path / "clip").glob("*"))


def test_a_file_is_fetched_verified_and_found_afterwards(tmp_path, server):
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


def test_weights_that_are_there_are_not_fetched_again(tmp_path, server):
    source = Source("mirror", f"{server.url}/file.safetensors")
    fetch(tmp_path, source)
    asked = len(server.ranges)
    report = fetch(tmp_path, source)
    assert report.source == "cache"
    assert len(server.ranges) == asked


def test_a_connection_that_breaks_is_taken_up_where_it_broke(tmp_path, server):
    server.break_after, server.breaks_left = 2_000_000, 2
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors"))
    assert report.path is not None
    assert report.path.read_bytes() == CONTENT
    assert [round(start, -6) for start in server.ranges] == [0, 2_000_000, 4_000_000]


def test_a_slow_server_is_waited_for_and_its_progress_is_told(tmp_path, server):
    """It sends the next piece when all but a rest of the last one has been told."""
    server.pause_every = len(CONTENT) // 8
    seen, told = [], threading.Condition()
    are_told = []

    def tell(have, _total):
        with told:
            seen.append(have)
            told.notify()

    def wait_for_news(sent):
        with told:
            are_told.append(told.wait_for(lambda: seen and sent - seen[-1] < download._CHUNK, 20))

    server.after_piece = wait_for_news
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors"), progress=tell)
    assert report.path.read_bytes() == CONTENT
    assert server.ranges == [0]
    assert are_told == [True] * 8


def test_a_server_that_keeps_falling_silent_is_left_for_the_next_one(tmp_path, server, monkeypatch):
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
    assert "did not answer in time" in report.failures[0].reason
    assert len(server.ranges) == download.ATTEMPTS
    assert other.ranges[0] > 0  # the same checksum: what the first one sent is not asked for again


def test_a_download_given_up_is_continued_by_the_next_call(tmp_path, server):
    source = Source("mirror", f"{server.url}/file.safetensors")
    server.break_after, server.breaks_left = 500_000, 99
    report = fetch(tmp_path, source)
    assert report.path is None
    assert "kept for the next try" in report.failures[0].reason
    server.breaks_left, server.ranges = 0, []
    report = fetch(tmp_path, source)
    assert report.path is not None
    assert report.path.read_bytes() == CONTENT
    assert server.ranges[0] > 0


def test_a_server_without_ranges_is_asked_for_all_of_it_again(tmp_path, server):
    server.supports_ranges = False
    server.break_after, server.breaks_left = 2_000_000, 1
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors"))
    assert report.path is not None
    assert report.path.read_bytes() == CONTENT


def test_a_wrong_checksum_is_refused_and_leaves_nothing(tmp_path, server):
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors", "0" * 64))
    assert report.path is None
    assert "checksum" in report.failures[0].reason
    assert leftovers(tmp_path) == []


def test_the_checksum_before_a_redirect_counts(tmp_path, server):
    source = Source("hub", f"{server.url}/redirect/file.safetensors")
    assert fetch(tmp_path, source).path is not None
    server.etag = f'"{"1" * 64}"'
    report = fetch(tmp_path / "other", source)
    assert "checksum" in report.failures[0].reason


def test_a_file_that_nobody_vouches_for_is_not_taken(tmp_path, server):
    server.hidden_etag = True
    report = fetch(tmp_path, Source("mirror", f"{server.url}/file.safetensors"))
    assert report.path is None
    assert "SHA-256" in report.failures[0].reason


def test_without_a_checksum_the_file_is_judged_by_what_it_is(tmp_path, server):
    server.hidden_etag = True
    server.break_after, server.breaks_left = 500_000, 99
    target, url = tmp_path / "file", f"{server.url}/file.zip"

    def is_whole(path):
        return path.read_bytes() == CONTENT

    with pytest.raises(DownloadError, match="kept for the next try"):
        download.download(url, target, is_whole=is_whole)
    server.breaks_left, server.ranges = 0, []
    download.download(url, target, is_whole=is_whole)
    assert server.ranges[0] > 0
    assert target.read_bytes() == CONTENT
    with pytest.raises(DownloadError, match="not what was asked for"):
        download.download(url, tmp_path / "other", is_whole=lambda _: False)
    assert list(tmp_path.iterdir()) == [target]


def test_the_next_source_is_tried_and_the_report_says_why(tmp_path, server):
    report = fetch(
        tmp_path,
        Source("first", f"{server.url}/gone/file.safetensors"),
        Source("second", f"{server.url}/file.safetensors"),
    )
    assert report.source == "second"
    assert [failure.source for failure in report.failures] == ["first"]
    assert "404" in report.failures[0].reason
    assert "first: the server answered 404" in str(report)
    assert "from second" in str(report)


def test_all_sources_gone_is_a_report_and_no_exception(tmp_path, server):
    report = fetch(
        tmp_path,
        Source("gone", f"{server.url}/gone.safetensors"),
        Source("nobody", "http://127.0.0.1:9/file.safetensors"),
        Source("nowhere", "http://no-such-host.invalid/file.safetensors"),
    )
    assert report.path is None
    assert [failure.source for failure in report.failures] == ["gone", "nobody", "nowhere"]
    assert "could be fetched from nowhere" in str(report)


def test_a_named_file_goes_before_the_cache(tmp_path):
    (tmp_path / "clip").mkdir()
    cached = tmp_path / "clip" / "vit-b-32.safetensors"
    cached.touch()
    named = tmp_path / "mine.safetensors"
    assert find_weights("ViT-B/32", tmp_path, named) is None
    named.touch()
    assert find_weights("ViT-B/32", tmp_path, named) == named
    assert find_weights("ViT-B/32", tmp_path) == cached


def test_every_model_of_openai_clip_has_sources_and_pickles_only_with_a_checksum():
    assert set(published.MODELS) == {
        "RN50",
        "RN101",
        "RN50x4",
        "RN50x16",
        "RN50x64",
        "ViT-B/32",
        "ViT-B/16",
        "ViT-L/14",
        "ViT-L/14@336px",
    }
    for model in published.MODELS:
        for source in weights.default_sources(model):
            assert source.url.startswith("https://")
            assert source.url.endswith(".safetensors") or source.sha256


def test_an_unknown_model_is_named_in_the_error(tmp_path):
    with pytest.raises(EngineError, match="ViT-Z/99"):
        fetch_weights("ViT-Z/99", tmp_path)
