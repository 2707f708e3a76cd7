"""One file over HTTP, from a real server on this machine: resumed, verified, whole or not there."""

import hashlib
import threading

import pytest

from soundscapes.engine import download
from soundscapes.engine.download import DownloadError
from tests.engine.file_server import CONTENT


@pytest.fixture
def target(tmp_path):
    return tmp_path / "new" / "file.safetensors"


@pytest.fixture
def url(server):
    return f"{server.url}/file.safetensors"


def test_a_connection_that_breaks_is_taken_up_where_it_broke(server, url, target):
    server.break_after, server.breaks_left = 2_000_000, 2
    download.download(url, target)
    assert target.read_bytes() == CONTENT
    assert [round(start, -6) for start in server.ranges] == [0, 2_000_000, 4_000_000]


def test_a_slow_server_is_waited_for_and_its_progress_is_told(server, url, target):
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
    download.download(url, target, progress=tell)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [0]
    assert are_told == [True] * 8


def test_a_download_given_up_is_continued_by_the_next_call(server, url, target):
    server.break_after, server.breaks_left = 500_000, 99
    with pytest.raises(DownloadError, match="kept for the next try"):
        download.download(url, target)
    assert not target.exists()
    server.breaks_left, server.ranges = 0, []
    download.download(url, target)
    assert target.read_bytes() == CONTENT
    assert server.ranges[0] > 0


def test_a_server_without_ranges_is_asked_for_all_of_it_again(server, url, target):
    server.supports_ranges = False
    server.break_after, server.breaks_left = 2_000_000, 1
    download.download(url, target)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_is_refused_and_leaves_nothing(url, target):
    with pytest.raises(DownloadError, match="checksum"):
        download.download(url, target, sha256="0" * 64)
    assert list(target.parent.iterdir()) == []


def test_the_checksum_before_a_redirect_counts(server, target):
    url = f"{server.url}/redirect/file.safetensors"
    download.download(url, target)
    assert target.read_bytes() == CONTENT
    server.etag = f'"{"1" * 64}"'
    with pytest.raises(DownloadError, match="checksum"):
        download.download(url, target.with_name("other"))


def test_a_file_that_nobody_vouches_for_is_not_taken(server, url, target):
    server.hidden_etag = True
    with pytest.raises(DownloadError, match="SHA-256"):
        download.download(url, target)
    assert not target.exists()


def test_the_checksum_of_a_file_is_that_of_its_bytes(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(CONTENT)
    assert download.sha256_of(path) == hashlib.sha256(CONTENT).hexdigest()


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
