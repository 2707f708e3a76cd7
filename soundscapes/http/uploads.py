"""Image field of pages and API."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from threading import Lock
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES, MEDIA_TYPES

NO_PHOTO = "There is no image in this request. Choose one and send it again."
ACCEPT = ",".join(MEDIA_TYPES)

LARGE = 4 * 2**20  # bytes
_ONE_LARGE_PHOTO = Lock()
"""A web process has a thread for each request, but not the memory for a large file in each."""


def bounded(upload: UploadedFile[Any], most: int, advice: str) -> UploadedFile[Any]:
    """Return the upload. Raises ValidationError with `advice` if it has more than `most` bytes."""
    if upload.size is None or upload.size > most:
        raise forms.ValidationError(
            f"The file is larger than {most // 2**20} MB. {advice}",
            code="too_large",
        )
    return upload


def bounded_photo(upload: UploadedFile[Any]) -> UploadedFile[Any]:
    return bounded(upload, MAX_BYTES, "Upload a smaller one.")


@contextmanager
def photo_bytes(upload: UploadedFile[Any]) -> Iterator[bytes]:
    """Read an uploaded photo; other requests with large ones wait until it is dealt with."""
    with _ONE_LARGE_PHOTO if (upload.size or 0) > LARGE else nullcontext():
        upload.seek(0)
        yield upload.read()


class PhotoForm(forms.Form):
    """An image that is only checked for its size; the service decodes it."""

    image = forms.FileField(
        error_messages={
            "required": NO_PHOTO,
            "empty": "The file is empty. Choose another one.",
            "missing": NO_PHOTO,
        },
    )

    def clean_image(self) -> object:
        return bounded_photo(self.cleaned_data["image"])

    def refusal(self) -> tuple[str, int]:
        """Return the error message and HTTP status of an invalid form."""
        status = 413 if self.has_error("image", "too_large") else 400
        return str(self.errors["image"][0]), status
