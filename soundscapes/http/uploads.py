"""Photo field of pages and API."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES

NO_PHOTO = "There is no photo in this request. Choose one and send it again."


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
