"""Forms of the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict

from soundscapes.accounts.users import TOKEN_LIFETIME
from soundscapes.engine.layer_choices import MAX_GAIN_DB, MIN_GAIN_DB, LayerChoice
from soundscapes.engine.recordings.reading import ACCEPTED
from soundscapes.engine.sound.plan import MAX_DURATION, MIN_DURATION
from soundscapes.generations.ordering import ORDERS
from soundscapes.generations.share_links import LIFETIME
from soundscapes.http.uploads import bounded
from soundscapes.models import ApiToken, Category, Clip
from soundscapes.models.generations import (
    DEFAULT_DURATION,
    DEFAULT_LAYERS,
    MAX_LAYERS,
    MAX_NAME,
    MAX_REMIX_NAME,
    MAX_SEED,
    Mode,
)
from soundscapes.models.search_queries import MAX_TEXT, validate_words
from soundscapes.models.text import printable

LONGEST = "Choose at most one hour."


class OptionsForm(forms.Form):
    duration = forms.IntegerField(
        label="Duration in seconds",
        min_value=int(MIN_DURATION),
        max_value=int(MAX_DURATION),
        required=False,
        initial=DEFAULT_DURATION,
        error_messages={"max_value": LONGEST},
        widget=forms.NumberInput({"data-range-overflow": LONGEST}),
    )
    layer_count = forms.IntegerField(
        label="Number of layers",
        min_value=1,
        max_value=MAX_LAYERS,
        required=False,
        initial=DEFAULT_LAYERS,
    )
    mode = forms.ChoiceField(
        label="Mode",
        choices=Mode.choices,
        required=False,
        initial=Mode.CALM,
        help_text="Calm tones down startling sounds such as sirens, chainsaws and breaking glass. "
        "Faithful plays the best matches unchanged.",
    )
    seed = forms.IntegerField(
        label="Seed",
        min_value=0,
        max_value=MAX_SEED,
        required=False,
        help_text="The same image, options and seed give the same soundscape. "
        "Leave empty for a random seed.",
    )

    @classmethod
    def remembered(cls, text: str) -> OptionsForm:
        """Return a form with the options of the last soundscape, from `to_remember`."""
        last = cls(QueryDict(text[:200]))
        return cls(initial=last.chosen() if last.is_valid() else None)

    @property
    def is_usual(self) -> bool:
        """Return True if no remembered option differs from its default."""
        return all(self.fields[name].initial == value for name, value in self.initial.items())

    def chosen(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def to_remember(self) -> str:
        """Return the options for a cookie, except the seed, which is for one soundscape."""
        return urlencode({name: value for name, value in self.chosen().items() if name != "seed"})


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=100,
        validators=[printable],
        help_text="For example “phone” or “backup script”.",
    )
    scope = forms.ChoiceField(
        label="Access",
        choices=ApiToken.Scope.choices,
        initial=ApiToken.Scope.WRITE,
        required=False,
    )
    days = forms.IntegerField(
        label="Days until it expires",
        min_value=1,
        max_value=TOKEN_LIFETIME.days,
        initial=TOKEN_LIFETIME.days,
        required=False,
    )

    def options(self) -> dict[str, Any]:
        fields = self.cleaned_data
        return {
            "name": fields["name"],
            "scope": fields["scope"] or ApiToken.Scope.WRITE,
            "lifetime": timedelta(days=fields["days"] or TOKEN_LIFETIME.days),
        }


class TitleForm(forms.Form):
    name = forms.CharField(
        label="Title", max_length=MAX_NAME, required=False, validators=[printable]
    )


class RemixForm(forms.Form):
    remix_name = forms.CharField(
        label="Name", max_length=MAX_REMIX_NAME, required=False, validators=[printable]
    )


class StreamForm(forms.Form):
    """The soundscape of a stream; none for the favourites."""

    soundscape = forms.UUIDField(required=False)


class ShareForm(forms.Form):
    days = forms.ChoiceField(
        label="Expires",
        choices=[
            (1, "in 1 day"),
            (7, "in 7 days"),
            (LIFETIME.days, "in 30 days"),
            (90, "in 90 days"),
            (0, "never"),
        ],
        required=False,
        initial=LIFETIME.days,
    )
    shows_picture = forms.BooleanField(label="Show the image", required=False)

    def options(self) -> dict[str, Any]:
        days = int(self.cleaned_data["days"] or LIFETIME.days)
        return {
            "lifetime": timedelta(days=days) if days else None,
            "shows_picture": self.cleaned_data["shows_picture"],
        }


class RecordingNameForm(forms.Form):
    title = forms.CharField(
        label="Name",
        max_length=200,
        validators=[printable],
        widget=forms.TextInput({"dir": "auto"}),
    )
    category = forms.ModelChoiceField(
        Category.objects.enabled(),
        required=False,
        empty_label="None",
        help_text="Without one, it is a layer of its own, with its name.",
    )

    @classmethod
    def of(cls, clip: Clip) -> RecordingNameForm:
        category = None if clip.category.is_private else clip.category
        return cls(initial={"title": clip.title, "category": category}, auto_id=f"id_{clip.pk}_%s")


class RecordingForm(RecordingNameForm):
    recording = forms.FileField(help_text=f"{ACCEPTED}; 0.2 s to 10 minutes.")
    is_preferred = forms.BooleanField(
        label="Always use it for this category",
        required=False,
        help_text="In new soundscapes. Otherwise choose it in the mixer.",
    )

    def clean_recording(self) -> UploadedFile[Any]:
        upload: UploadedFile[Any] = self.cleaned_data["recording"]
        return bounded(upload, settings.OWN_RECORDING_BYTES, "Cut it or export it as FLAC.")


class HistoryForm(forms.Form):
    """Filters from the URL. Invalid ones are ignored, except an invalid search."""

    q = forms.CharField(
        label="Search", max_length=MAX_TEXT, required=False, validators=[validate_words]
    )
    category = forms.SlugField(label="Category", required=False)
    favourite = forms.BooleanField(label="Favourites only", required=False)
    since = forms.DateField(
        label="From", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    until = forms.DateField(
        label="To", required=False, widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )
    sort = forms.ChoiceField(
        label="Sort by",
        choices=[
            ("", "Newest, or best match"),
            *((key, each.label) for key, each in ORDERS.items()),
        ],
        required=False,
    )

    def filters(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class LayerForm(forms.Form):
    """One row of the mixer. The remix service validates the combination of rows."""

    category = forms.SlugField(label="category")
    gain_db = forms.FloatField(
        label="volume", min_value=MIN_GAIN_DB, max_value=MAX_GAIN_DB, required=False
    )
    position = forms.FloatField(label="position", min_value=-1, max_value=1, required=False)
    clip = forms.CharField(label="clip", max_length=64, required=False)
    is_muted = forms.BooleanField(label="mute", required=False)

    def __init__(self, data: QueryDict, place: int) -> None:
        super().__init__(data, prefix=f"place-{place}")
        self.place = place

    def choice(self) -> LayerChoice:
        values = self.cleaned_data
        return LayerChoice(
            place=self.place,
            category=values["category"],
            gain_db=values["gain_db"] or 0.0,
            position=values["position"],
            clip=values["clip"],
            is_muted=values["is_muted"],
        )


def layer_forms(data: QueryDict) -> list[LayerForm]:
    places = range(1, MAX_LAYERS + 1)
    return [LayerForm(data, place) for place in places if data.get(f"place-{place}-category")]
