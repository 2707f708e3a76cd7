"""Admin forms that do not belong to a model."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from soundscapes.engine.recordings.reading import ACCEPTED
from soundscapes.files.upload_bundles import MAX_ITEMS
from soundscapes.models import Category, ImageSet
from soundscapes.models.text import printable
from soundscapes.sounds.credits_csv import NAMES

MAX_UPLOAD_FILES = 1000
TABLES = (".csv", ".zip")  # may contain the credits of each file
EACH_ITS_OWN = (
    "If files have different credits, add a file credits.csv with the columns file, title, "
    "author, source and licence."
)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, (list, tuple)) and data else [data or None]
        return [super(ManyFilesField, self).clean(each, initial) for each in given]


class BundleForm(forms.Form):
    """Files for a row that the field `target` chooses."""

    target: str
    chosen = ManyFilesField(
        label="Files",
        allow_empty_file=True,  # the report lists it as rejected
        help_text=f"Up to {MAX_UPLOAD_FILES:,} files, or ZIP files with up to {MAX_ITEMS:,} files. "
        "Up to 1 GB per upload.",
        error_messages={"required": "Choose files or a ZIP file."},
    )
    title = forms.CharField(
        max_length=200,
        required=False,
        validators=[printable],
        help_text="Leave empty to use the file names.",
    )
    author = forms.CharField(max_length=200, required=False, validators=[printable])
    source = forms.CharField(
        max_length=300,
        required=False,
        validators=[printable],
        help_text="Where the files come from: a URL or a description.",
    )
    licence = forms.CharField(
        max_length=60, required=False, validators=[printable], help_text=EACH_ITS_OWN
    )

    def credit(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in NAMES}

    @property
    def uploads(self) -> Sequence[UploadedFile[Any]]:
        uploads: Sequence[UploadedFile[Any]] = self.cleaned_data["chosen"]
        return uploads


class ImageUploadForm(BundleForm):
    image_set = forms.ModelChoiceField(
        ImageSet.objects.all(),
        label="Image set",
        error_messages={"required": "Choose an image set."},
    )
    target = "image_set"
    field_order = [target, "chosen"]


class ClipUploadForm(BundleForm):
    category = forms.ModelChoiceField(
        Category.objects.all(),
        error_messages={"required": "Choose a category."},
    )
    target = "category"
    field_order = [target, "chosen"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].help_text += f" {ACCEPTED}; 0.2 s to 10 minutes each."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        chosen: Sequence[UploadedFile[Any]] = cleaned.get("chosen") or []
        has_table = any(str(upload.name).lower().endswith(TABLES) for upload in chosen)
        for name, words in (
            ("author", "Enter the author of the recording."),
            ("source", "Enter where it comes from: a URL or a description."),
            ("licence", "Enter the licence."),
        ):
            if not cleaned.get(name) and not has_table:
                self.add_error(name, f"{words} It appears in the credits of soundscapes.")
        return cleaned


class Esc50Form(forms.Form):
    """A release of ESC-50, as an upload or as a path on the server."""

    upload = forms.FileField(
        label="ZIP file of the release",
        required=False,
        help_text="The published file (600 MB), or part of it in the same layout.",
    )
    path = forms.CharField(
        label="Or a path on the server",
        required=False,
        max_length=500,
        help_text="A folder or ZIP file that the worker can read. Superusers only.",
    )
    esc10_only = forms.BooleanField(
        label="ESC-10 only",
        required=False,
        help_text="Skip recordings under CC BY-NC, which excludes commercial use.",
    )

    def __init__(self, *args: Any, takes_paths: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_paths:
            del self.fields["path"]

    def clean_path(self) -> str:
        path: str = self.cleaned_data["path"].strip()
        if path and not Path(path).is_absolute():
            raise forms.ValidationError("Enter an absolute path, starting with /.")
        return path

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if bool(cleaned.get("upload")) == bool(cleaned.get("path")):
            raise forms.ValidationError(
                "Either choose the ZIP file of the release or enter its path on the server."
                if "path" in self.fields
                else "Choose the ZIP file of the release."
            )
        return cleaned


class MoveForm(forms.Form):
    target = forms.ModelChoiceField(
        ImageSet.objects.none(), error_messages={"required": "Choose a destination."}
    )
