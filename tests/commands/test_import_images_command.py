"""manage.py import_images."""

import io

import pytest
from django.core.management import CommandError, call_command

from soundscapes.models import Image, ImageSet
from tests import sample_files, zips

pytestmark = pytest.mark.django_db


def import_images(*arguments: str) -> tuple[str, str]:
    said, warned = io.StringIO(), io.StringIO()
    call_command("import_images", *arguments, stdout=said, stderr=warned)
    return said.getvalue(), warned.getvalue()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "at_sea.jpg").write_bytes(sample_files.photo(1))
    (tmp_path / "again.jpg").write_bytes(sample_files.photo(1))
    (tmp_path / "letter.txt").write_bytes(b"Dear all")
    return tmp_path


def test_a_folder_is_imported_once(folder):
    said, warned = import_images(str(folder), "--set", "Seaside", "--author", "Ada")
    assert "1 new, 1 already known, 1 rejected" in said
    assert "letter.txt: This is not an image" in warned
    image = ImageSet.objects.get(name="Seaside").images.get()
    assert (image.title, image.author) == ("again", "Ada")
    assert "0 new, 2 already known" in import_images(str(folder), "--set", "Seaside")[0]


def test_a_dry_run_stores_neither_images_nor_the_set(folder, stored):
    said, _warned = import_images(str(folder), "--set", "Seaside", "--dry-run")
    assert "1 new, 1 already known, 1 rejected (dry run)" in said
    assert not Image.objects.exists()
    assert not ImageSet.objects.exists()
    assert stored() == set()


def test_a_zip_with_its_own_credits(tmp_path):
    path = tmp_path / "many.zip"
    table = b"file,title,licence\na.jpg,A pond,CC0\n"
    path.write_bytes(zips.packed({"a.jpg": sample_files.photo(1), "credits.csv": table}))
    assert "1 new" in import_images(str(path), "--set", "Ponds")[0]
    image = Image.objects.get()
    assert (image.title, image.licence) == ("A pond", "CC0")


def test_a_missing_path_is_reported(tmp_path):
    with pytest.raises(CommandError, match="does not exist"):
        import_images(str(tmp_path / "none"), "--set", "Seaside")
    assert not ImageSet.objects.exists()


@pytest.mark.parametrize("name", ["", "x" * 101, "a\x1bb"])
def test_a_set_name_that_the_admin_rejects_is_rejected(folder, name):
    with pytest.raises(CommandError, match="An image set cannot have this name"):
        call_command("import_images", str(folder), "--set", name)
    assert not ImageSet.objects.exists()
