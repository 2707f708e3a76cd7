"""Metadata of uploaded images is not stored."""

import io

import pytest
from django.urls import reverse
from PIL import Image as PillowImage
from PIL.PngImagePlugin import PngInfo

from soundscapes.imports import batch_jobs
from soundscapes.models import BatchJob, Image
from tests import factories, sample_files, zips
from tests.queue import work_off

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SECRET = "Secretive Cameras"
PLAIN = {"jfif", "jfif_version", "jfif_unit", "jfif_density", "loop", "background"}
IMAGE = PillowImage.effect_noise((96, 64), 50).convert("RGB")


def with_metadata(kind: str) -> bytes:
    """Return an image with camera name, location, comment, XMP and colour profile."""
    exif = PillowImage.Exif()
    exif[0x010F] = SECRET
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    words = PngInfo()
    words.add_text("Comment", SECRET)
    options = {
        "JPEG": {"comment": SECRET.encode(), "xmp": f"<x>{SECRET}</x>".encode()},
        "PNG": {"pnginfo": words},
        "WEBP": {"xmp": f"<x>{SECRET}</x>".encode()},
        "TIFF": {},
    }[kind]
    profile = SECRET.encode() * 9
    return sample_files.encoded(IMAGE, kind, exif=exif, icc_profile=profile, **options)


def in_studio(browser, data):
    assert browser.post(reverse("create"), {"image": sample_files.upload(data)}).status_code == 302


def in_api(browser, data):
    assert (
        browser.post(reverse("upload_image"), {"image": sample_files.upload(data)}).status_code
        == 202
    )


def in_admin(browser, data):
    fields = {"image_set": factories.ImageSetFactory().pk, "title": "t"}
    answer = browser.post(
        reverse("admin:soundscapes_image_add"), fields | {"upload": sample_files.upload(data)}
    )
    assert answer.status_code == 302


def in_zip(browser, data):
    upload = sample_files.upload(zips.packed({"a.jpg": data}), "many.zip")
    fields = {"image_set": factories.ImageSetFactory().pk, "chosen": upload}
    assert browser.post(reverse("admin:image_upload"), fields).status_code == 302
    assert work_off() == []
    assert batch_jobs.confirm(BatchJob.objects.get())
    assert work_off() == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("way_in", [in_studio, in_api, in_admin, in_zip])
def test_no_upload_path_stores_metadata(sign_in, administrator, stored, settings, way_in, kind):
    settings.API_WAIT_SECONDS = 0.0
    data = with_metadata(kind)
    assert SECRET.encode() in data
    way_in(sign_in(administrator), data)
    image = Image.objects.get()
    assert stored() == {image.file.name, image.thumbnail.name}
    for name in stored():
        kept = (settings.MEDIA_ROOT / name).read_bytes()
        photo = PillowImage.open(io.BytesIO(kept))
        assert SECRET.encode() not in kept
        assert dict(photo.getexif()) == {}
        assert set(photo.info) <= PLAIN
