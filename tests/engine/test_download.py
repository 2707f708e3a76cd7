"""Downloads of one file from a real local server: resumed, verified, and complete or absent."""

import fcntl
import hashlib
import threading

import pytest
from filelock import Timeout

from soundscapes.engine import download
from soundscapes.engine.errors import DownloadError
from tests.engine.file_server import CONTENT

CHECKSUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "new" / "file.safetensors"


@pytest.fixture
def url(server):
    return f"{server.url}/file.safetensors"


def test_a_broken_connection_is_resumed(server, url, target):
    server.break_after, server.breaks_left = 2_000_000, 2
    download.download(url, target, sha256=CHECKSUM)
    assert target.read_bytes() == CONTENT
    assert [round(start, -6) for start in server.ranges] == [0, 2_000_000, 4_000_000]


def test_a_slow_server_reports_progress(server, url, target):
    """The server sends the next piece once most of the last one is reported."""
    server.pause_every = len(CONTENT) // 8
    seen, reported = [], threading.Condition()
    are_reported = []

    def report(have, _total):
        with reported:
            seen.append(have)
            reported.notify()

    def wait_for_news(sent):
        with reported:
            is_reported = reported.wait_for(lambda: seen and sent - seen[-1] < download._CHUNK, 20)
            are_reported.append(is_reported)

    server.after_piece = wait_for_news
    download.download(url, target, sha256=CHECKSUM, progress=report)
    assert target.read_bytes() == CONTENT
    assert server.ranges == [0]
    assert are_reported == [True] * 8


def test_the_next_call_resumes_an_abandoned_download(server, url, target):
    server.break_after, server.breaks_left = 500_000, 99
    with pytest.raises(DownloadError, match="kept for the next attempt"):
        download.download(url, target, sha256=CHECKSUM)
    assert not target.exists()
    server.breaks_left, server.ranges = 0, []
    download.download(url, target, sha256=CHECKSUM)
    assert target.read_bytes() == CONTENT
    assert server.ranges[0] > 0


def test_without_range_support_the_file_is_downloaded_again(server, url, target):
    server.supports_ranges = False
    server.break_after, server.breaks_left = 2_000_000, 1
    download.download(url, target, sha256=CHECKSUM)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_is_rejected_and_leaves_no_file(url, target):
    with pytest.raises(DownloadError, match="checksum"):
        download.download(url, target, sha256="0" * 64)
    assert list(target.parent.iterdir()) == []


def test_without_a_checksum_the_content_is_checked(tmp_path, server):
    server.hidden_etag = True
    server.break_after, server.breaks_left = 500_000, 99
    target, url = tmp_path / "file", f"{server.url}/file.zip"

    def is_whole(path):
        return path.read_bytes() == CONTENT

    with pytest.raises(DownloadError, match="kept for the next attempt"):
        download.download(url, target, is_whole=is_whole)
    server.breaks_left, server.ranges = 0, []
    download.download(url, target, is_whole=is_whole)
    assert server.ranges[0] > 0
    assert target.read_bytes() == CONTENT
    with pytest.raises(DownloadError, match="not of the expected kind"):
        download.download(url, tmp_path / "other", is_whole=lambda _: False)
    assert list(tmp_path.iterdir()) == [target]


def test_a_second_download_at_the_same_time_is_refused_and_harms_nothing(server, url, target):
    server.pause_every = len(CONTENT) // 4
    refusals = []

    def download_too(_sent):
        with pytest.raises(DownloadError, match="another process") as refused:
            download.download(url, target, sha256=CHECKSUM)
        refusals.append(refused)

    server.after_piece = download_too
    download.download(url, target, sha256=CHECKSUM)
    assert len(refusals) == 4
    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]
    assert server.ranges == [0]


def test_a_lock_file_that_is_deleted_before_it_is_held_is_not_taken(tmp_path, monkeypatch):
    """Another process may have opened it just before the download that held it ended."""
    lock = tmp_path / "file.lock"
    hold = fcntl.flock

    def delete_first(descriptor, operation):
        lock.unlink(missing_ok=True)
        hold(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", delete_first)
    with pytest.raises(Timeout), download._alone(lock):
        pass


def test_a_file_that_another_process_has_downloaded_meanwhile_is_kept(server, url, target):
    target.parent.mkdir()
    target.write_bytes(CONTENT)
    download.download(url, target, sha256=CHECKSUM)
    assert server.ranges == []


def test_a_server_that_refuses_head_is_asked_for_the_file(server, url, target):
    server.has_head = False
    download.download(url, target, sha256=None, is_whole=lambda _: True)
    assert target.read_bytes() == CONTENT


def test_a_length_that_is_no_number_is_unknown(server, url, target):
    server.length, totals = "a lot", set()
    download.download(url, target, sha256=CHECKSUM, progress=lambda _have, total: totals.add(total))
    assert target.read_bytes() == CONTENT
    assert totals == {None}


@pytest.mark.parametrize("address", ["ftp://example.com/a", "http://[bad/a", "http://"])
def test_an_address_that_is_no_url_is_said_to_be_none(address, target):
    with pytest.raises(DownloadError, match="not a valid HTTP URL"):
        download.download(address, target, sha256=CHECKSUM)
