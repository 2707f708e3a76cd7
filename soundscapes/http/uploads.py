"""Photo field of pages and API."""

from django import forms

from soundscapes.engine.photos.reading import MAX_BYTES

NO_PHOTO = "There is no photo in this request. Choose one and send it again."


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
        image = self.cleaned_data["image"]
        if image.size > MAX_BYTES:
            raise forms.ValidationError(
                f"This file has {image.size / 2**20:.0f} MB; the limit is "
                f"{MAX_BYTES // 2**20} MB. Save the photo smaller and upload it again.",
                code="too_large",
            )
        return image

    def refusal(self) -> tuple[str, int]:
        """Return the error message and HTTP status of an invalid form."""
        status = 413 if self.has_error("image", "too_large") else 400
        return str(self.errors["image"][0]), status
