"""Admin forms beside the models' own."""

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
TABLES = (".csv", ".zip")  # which may say of each file whose it is
EACH_ITS_OWN = (
    "Where files differ, a credits.csv among them says so: columns file, title, author, source, "
    "licence."
)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, (list, tuple)) and data else [data or None]
        return [super(ManyFilesField, self).clean(each, initial) for each in given]


class BundleForm(forms.Form):
    chosen = ManyFilesField(
        label="Files",
        allow_empty_file=True,  # it has a row of its own in the report
        help_text=f"Up to {MAX_UPLOAD_FILES:,} files, or ZIPs with up to {MAX_ITEMS:,}; 1 GB at "
        "once.",
        error_messages={"required": "Choose the files, or a ZIP of them."},
    )
    title = forms.CharField(
        max_length=200,
        required=False,
        validators=[printable],
        help_text="Empty: every file's own name.",
    )
    author = forms.CharField(max_length=200, required=False, validators=[printable])
    source = forms.CharField(
        max_length=300,
        required=False,
        validators=[printable],
        help_text="Where they come from: an address, or in words.",
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
        error_messages={"required": "Choose the set that the images shall belong to."},
    )
    field_order = ["image_set", "chosen"]


class ClipUploadForm(BundleForm):
    category = forms.ModelChoiceField(
        Category.objects.all(),
        error_messages={"required": "Choose the category that the recordings sound like."},
    )
    field_order = ["category", "chosen"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].help_text += f" {ACCEPTED}; 0.2 s to 10 minutes each."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        has_table = any(str(upload.name).lower().endswith(TABLES) for upload in self._chosen())
        for name, words in (
            ("author", "Say who recorded this."),
            ("source", "Say where this comes from: an address, or in words."),
            ("licence", "Say under which licence this may be used."),
        ):
            if not cleaned.get(name) and not has_table:
                self.add_error(name, f"{words} It stands in the credits of every mix.")
        return cleaned

    def _chosen(self) -> Sequence[UploadedFile[Any]]:
        return self.cleaned_data.get("chosen") or []


class Esc50Form(forms.Form):
    """The release as an upload or as a path on the server."""

    upload = forms.FileField(
        label="ZIP of the release",
        required=False,
        help_text="As it is published (600 MB), or a part of it in the same layout.",
    )
    path = forms.CharField(
        label="Or a path on the server",
        required=False,
        max_length=500,
        help_text="A folder or a ZIP that the worker can read. For superusers.",
    )
    esc10_only = forms.BooleanField(
        label="ESC-10 only",
        required=False,
        help_text="Leave out what is licensed CC BY-NC, not for commercial use.",
    )

    def __init__(self, *args: Any, takes_paths: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not takes_paths:
            del self.fields["path"]

    def clean_path(self) -> str:
        path: str = self.cleaned_data["path"].strip()
        if path and not Path(path).is_absolute():
            raise forms.ValidationError("Give the whole path, from the root of the disk: /…")
        return path

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.errors:
            return cleaned
        if bool(cleaned.get("upload")) == bool(cleaned.get("path")):
            raise forms.ValidationError(
                "Choose the release's ZIP, or name where it lies on the server; one of the two."
                if "path" in self.fields
                else "Choose the release's ZIP."
            )
        return cleaned


class MoveForm(forms.Form):
    target = forms.ModelChoiceField(
        ImageSet.objects.none(), error_messages={"required": "Choose where they shall go."}
    )
