"""Credits of several files: from a table, defaults and file names."""

import io

import pytest

from soundscapes.files import upload_bundles
from soundscapes.files.upload_bundles import RefusedItemError, Source
from soundscapes.sounds.credits_csv import Credit, without_credits
from tests import zips

LIMIT = 20 * 2**20


def source(name: str, data: bytes) -> Source:
    return Source(name, lambda: io.BytesIO(data))


def test_credits_come_from_table_then_defaults_then_file_name():
    table = "file,title,author,licence\na.jpg,A pond,Ada,CC0\nb.jpg,,,\n"
    archive = zips.packed({"x/a.jpg": b"", "x/b_c.jpg": b"", "x/credits.csv": table.encode()})
    with upload_bundles.open_bundle([source("many.zip", archive)], LIMIT) as items:
        kept, credit_list = without_credits(items, Credit(author="Bea", source="My camera"))
        assert [item.name for item in kept] == ["x/a.jpg", "x/b_c.jpg"]
        assert credit_list.credit(kept[0]) == Credit("A pond", "Ada", "My camera", "CC0")
        assert credit_list.credit(kept[1]) == Credit("b c", "Bea", "My camera", "")


TABLE = "File;Title;Author\r\nphotos\\a.jpg;Möwen; Zoë \r\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_tables_of_spreadsheet_programs_are_read(encoding, delimiter):
    table = TABLE.replace(";", delimiter).encode(encoding)
    archive = zips.packed({"photos/a.jpg": b"", "credits.csv": table})
    with upload_bundles.open_bundle([source("many.zip", archive)], LIMIT) as items:
        (item,), credit_list = without_credits(items, Credit())
        assert credit_list.credit(item) == Credit("Möwen", "Zoë")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (b"\xff\xfe\x00nonsense", "file is missing"),
        (b"name,author\na.jpg,Ada\n", "file is missing"),
        (b"", "file is missing"),
        (b"file,author\na.jpg," + b"x" * 200_000, "damaged"),
    ],
    ids=["nonsense", "another column", "empty", "long"],
)
def test_a_table_that_cannot_be_used_says_why(table, words):
    sources = [source("a.jpg", b"photo"), source("credits.csv", table)]
    with upload_bundles.open_bundle(sources, LIMIT) as items:
        (photo, refused), credit_list = without_credits(items, Credit())
        assert credit_list.credit(photo).title == "a"
        assert photo.read() == b"photo"
        with pytest.raises(RefusedItemError, match=words):
            refused.read()


def test_a_zip_of_a_mac_has_the_credits_of_its_table():
    table = "file,author\nM\u00f6we.wav,Ada\n".encode()
    archive = zips.packed({"Mo\u0308we.wav": b"", "credits.csv": table})
    with upload_bundles.open_bundle([source("many.zip", archive)], LIMIT) as items:
        (item,), credit_list = without_credits(items, Credit())
        assert credit_list.credit(item).author == "Ada"
