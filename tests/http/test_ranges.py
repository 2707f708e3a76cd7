"""Responses with stored files: whole, in part, and cached."""

import pytest
from django.urls import reverse

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True, params=["in a folder", "in a bucket"])
def _where_files_are(request):
    if request.param == "in a bucket":
        request.getfixturevalue("bucket")


@pytest.fixture
def address(generation):
    return reverse("audio", args=[generation.pk])


@pytest.fixture
def data(generation):
    with generation.audio.open("rb") as file:
        return file.read()


def test_a_whole_file_has_type_length_and_etag(browser, address, data, generation):
    answer = browser.get(address)
    assert answer.status_code == 200
    assert answer.getvalue() == data
    assert answer["Content-Type"] == "audio/wav"
    assert answer["Content-Length"] == str(len(data))
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["ETag"] == f'"{generation.audio_checksum}"'
    assert answer["Content-Disposition"].startswith("inline")
    assert browser.get(address, {"download": ""})["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=5-5", slice(5, 6)),
        ("bytes=-100", slice(-100, None)),
        ("bytes=100-999999999", slice(100, None)),
        ("bytes=-999999999", slice(None)),
    ],
)
def test_a_range_returns_that_part(browser, address, data, asked, span):
    answer = browser.get(address, headers={"Range": asked})
    part = data[span]
    start = range(len(data))[span][0]
    assert answer.status_code == 206
    assert answer.getvalue() == part
    assert answer["Content-Length"] == str(len(part))
    assert answer["Content-Range"] == f"bytes {start}-{start + len(part) - 1}/{len(data)}"
    assert answer["Content-Type"] == "audio/wav"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=-0", "bytes=999999999-9999999999"])
def test_a_range_outside_the_file_is_416_with_its_size(browser, address, data, asked):
    answer = browser.get(address, headers={"Range": asked})
    assert answer.status_code == 416
    assert answer["Content-Range"] == f"bytes */{len(data)}"
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked",
    [
        "bytes=9-3",
        "bytes=-",
        "bytes=a-b",
        "lines=1-2",
        "bytes=0-1,3-4",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_an_unsupported_range_returns_the_whole_file(browser, address, data, asked):
    answer = browser.get(address, headers={"Range": asked})
    assert answer.status_code == 200
    assert answer.getvalue() == data


def test_if_range_returns_a_part_only_of_the_same_file(browser, address, data):
    etag = browser.get(address)["ETag"]
    part = {"Range": "bytes=0-9"}
    same = browser.get(address, headers={**part, "If-Range": etag})
    assert (same.status_code, same.getvalue()) == (206, data[:10])
    other = browser.get(address, headers={**part, "If-Range": '"another"'})
    assert (other.status_code, other.getvalue()) == (200, data)


def test_a_cached_file_is_not_sent_again(browser, address):
    etag = browser.get(address)["ETag"]
    answer = browser.get(address, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.getvalue()) == (304, b"")
    assert answer["ETag"] == etag
    assert browser.get(address, headers={"If-None-Match": '"old"'}).status_code == 200


def test_head_returns_the_size_without_the_body(browser, address, data):
    answer = browser.head(address)
    assert answer.status_code == 200
    assert answer["Content-Length"] == str(len(data))
    assert answer.getvalue() == b""


@pytest.mark.parametrize("asked", [None, "bytes=0-9", "bytes=999999999-"])
def test_every_response_is_private_and_sandboxed(browser, address, asked):
    answer = browser.get(address, headers={"Range": asked} if asked else {})
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")
