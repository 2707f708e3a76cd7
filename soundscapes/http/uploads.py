"""Image field of pages and API."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from soundscapes.engine.photos.reading import MAX_BYTES

NO_PHOTO = "There is no image in this request. Choose one and send it again."


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
