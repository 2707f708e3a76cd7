"""Bundles of many untrusted files."""

import contextlib
import io
import zipfile

import pytest

from soundscapes.files import upload_bundles
from soundscapes.files.upload_bundles import BundleError, RefusedItemError, Source
from tests import sample_files, zips

LIMIT = 20 * 2**20


def source(name: str, data: bytes) -> Source:
    return Source(name, lambda: io.BytesIO(data))


def contents(*sources: Source, limit: int = LIMIT) -> dict[str, bytes]:
    with upload_bundles.open_bundle(sources, limit) as items:
        return {item.name: item.read() for item in items}


def test_files_and_zip_members_are_in_order_without_clutter():
    archive = zips.packed(
        {"a/one.jpg": b"1", "__MACOSX/a/._one.jpg": b"x", "a/.DS_Store": b"x", "two.jpg": b"2"}
    )
    found = contents(source("first.jpg", b"0"), source("many.ZIP", archive))
    assert found == {"first.jpg": b"0", "a/one.jpg": b"1", "two.jpg": b"2"}


def test_backslashes_of_windows_separate_folders():
    archive = zips.packed({"a\\one.jpg": b"1", "__MACOSX\\a\\._one.jpg": b"x"})
    with upload_bundles.open_bundle([source("many.zip", archive)], LIMIT) as (item,):
        assert (item.name, item.title, item.read()) == ("a/one.jpg", "one", b"1")


@pytest.mark.parametrize("name", [name for name in zips.BAD_MEMBERS if name != "text"])
def test_dangerous_zip_members_are_refused_with_a_reason(name):
    make, words = zips.BAD_MEMBERS[name]
    opened = upload_bundles.open_bundle([source("many.zip", make())], LIMIT)
    with opened as items, pytest.raises(RefusedItemError, match=words):
        items[0].read()


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("at", range(0, 60, 3))
def test_whatever_a_method_of_packing_ends_in_is_a_refusal(method, at):
    archive = bytearray(zips.packed({"a.txt": bytes(range(256)) * 40}, method))
    start = 30 + len("a.txt") + at
    archive[start : start + 9] = b"\xff" * 9
    with upload_bundles.open_bundle([source("many.zip", bytes(archive))], LIMIT) as items:
        for item in items:
            with contextlib.suppress(RefusedItemError):
                item.read()


def test_a_member_that_lies_about_its_size_is_read_no_further_than_the_limit():
    with (
        upload_bundles.open_bundle(
            [source("many.zip", zips.packed({"a.jpg": sample_files.photo() * 9}))], 1000
        ) as items,
        pytest.raises(RefusedItemError, match="larger than"),
    ):
        items[0].read()


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("many.zip", lambda: b"PK no", "not a valid ZIP"),
        ("many.zip", lambda: zips.packed({}), "no files in this upload"),
        ("many.zip", lambda: zips.packed({f"{n}.jpg": b"" for n in range(9)}), "files"),
        ("many.zip", lambda: zips.packed({"a.jpg": bytes(5000)}), "unpacks to"),
    ],
    ids=["broken", "empty", "too many", "too much"],
)
def test_unusable_bundles_are_refused_with_a_reason(monkeypatch, name, make, words):
    monkeypatch.setattr(upload_bundles, "MAX_ITEMS", 8)
    monkeypatch.setattr(upload_bundles, "MAX_UNPACKED", 4000)
    with pytest.raises(BundleError, match=words):
        contents(source(name, make()))


def test_other_archives_are_refused_by_name():
    opened = upload_bundles.open_bundle([source("many.tar.gz", b"x")], LIMIT)
    with opened as items, pytest.raises(RefusedItemError, match="Upload a ZIP"):
        items[0].read()


def test_a_folder_is_read_with_its_subfolders_and_without_links(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"1")
    (tmp_path / "b.jpg").write_bytes(b"2")
    (tmp_path / "link.jpg").symlink_to("/etc/passwd")
    assert contents(*upload_bundles.folder_sources(tmp_path)) == {"b.jpg": b"2", "in/a.jpg": b"1"}
    with pytest.raises(BundleError, match="does not exist"):
        upload_bundles.folder_sources(tmp_path / "gone")


def test_invalid_names_are_made_storable():
    with upload_bundles.open_bundle(
        [source("a\udcff.jpg", b""), source("b\0.jpg", b"")], LIMIT
    ) as items:
        assert [item.name for item in items] == ["a?.jpg", "b.jpg"]
        assert items[0].title == "a?"
