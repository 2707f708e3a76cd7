"""Images in multipart requests."""

from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request

from soundscapes.api.exceptions import RefusedPhotoError
from soundscapes.engine.errors import PhotoError
from soundscapes.http.access import signed_in_user
from soundscapes.http.uploads import PhotoForm, photo_bytes
from soundscapes.images import images
from soundscapes.models import Image

PARSERS = (MultiPartParser, FormParser)


def stored_photo(request: Request, title: str = "") -> Image:
    """Store the field `image` for the user, unless they already have the same file."""
    form = PhotoForm(files=request.FILES)
    if not form.is_valid():
        raise RefusedPhotoError(*form.refusal(), code="image")
    try:
        with photo_bytes(form.cleaned_data["image"]) as data:
            return images.upload_image(signed_in_user(request), data, title)
    except PhotoError as error:
        raise RefusedPhotoError(str(error), error.status, error.code) from error
