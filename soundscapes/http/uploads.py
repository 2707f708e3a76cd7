"""Photo field of pages and API."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES, MEDIA_TYPES

NO_PHOTO = "There is no photo in this request. Choose one and send it again."
ACCEPT = ",".join(MEDIA_TYPES)

LARGE = 4 * 2**20  # bytes
_ONE_LARGE_PHOTO = Lock()
"""A web process has a thread for each request, but not the memory for a large file in each."""


def bounded(upload: UploadedFile[Any], most: int, advice: str) -> UploadedFile[Any]:
    """Return the upload. Raises ValidationError with `advice` where it has more bytes."""
    if upload.size is None or upload.size > most:
        raise forms.ValidationError(
            f"This file has {(upload.size or 0) / 2**20:.0f} MB; the limit is {most // 2**20} MB. "
            f"{advice}",
            code="too_large",
        )
    return upload


def bounded_photo(upload: UploadedFile[Any]) -> UploadedFile[Any]:
    return bounded(upload, MAX_BYTES, "Save the photo smaller and upload it again.")


@contextmanager
def photo_bytes(upload: UploadedFile[Any]) -> Iterator[bytes]:
    """Read an uploaded photo; other requests with large ones wait until it is dealt with."""
    with _ONE_LARGE_PHOTO if (upload.size or 0) > LARGE else nullcontext():
        upload.seek(0)
        yield upload.read()


class PhotoForm(forms.Form):
    """A photo checked for size alone; the service decodes it."""

    image = forms.FileField(
        error_messages={
            "required": NO_PHOTO,
            "empty": "This file is empty. Choose the photo again.",
            "missing": NO_PHOTO,
        },
    )

    def clean_image(self) -> object:
        return bounded_photo(self.cleaned_data["image"])

    def refusal(self) -> tuple[str, int]:
        """Return the error message and HTTP status of an invalid form."""
        status = 413 if self.has_error("image", "too_large") else 400
        return str(self.errors["image"][0]), status
