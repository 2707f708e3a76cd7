"""Serializers of soundscapes, layers and options."""

from functools import cached_property
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soundscapes.api.serializers.images import CATEGORY_NAME, EncoderSerializer
from soundscapes.api.serializers.rows import RowSerializer, RowUrlField
from soundscapes.api.serializers.strict import IdField, OneOfField, WholeNumberField
from soundscapes.engine.sound.plan import MAX_DURATION, MIN_DURATION
from soundscapes.generations.transcoding import MEDIA_TYPES
from soundscapes.models import Generation, Layer, State
from soundscapes.models.generations import (
    DEFAULT_DURATION,
    DEFAULT_LAYERS,
    LONG,
    MAX_LAYERS,
    MAX_SEED,
    Mode,
)
from soundscapes.models.jobs import Row

OWN_RECORDING = "One that begins with `own-` is a recording of yours, named by its label."


class LayerSerializer(RowSerializer, serializers.ModelSerializer[Any]):
    """A category in a soundscape, with the reason for its choice."""

    rows_are_dicts = True

    category = serializers.CharField(
        source="category_slug", read_only=True, help_text=f"{CATEGORY_NAME} {OWN_RECORDING}"
    )
    label = serializers.CharField()  # type: ignore[assignment]
    x = serializers.FloatField(
        source="position", read_only=True, help_text="-1 is left in the image, 1 is right."
    )
    stem_url = serializers.SerializerMethodField()

    class Meta:
        model = Layer
        fields = (
            "rank",
            "category",
            "label",
            "score",
            "position",
            "x",
            "y",
            "extent",
            "kind",
            "gain_db",
            "reason",
            "stem_url",
        )
        read_only_fields = fields

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_stem_url(self, layer: Row) -> str | None:
        generation = layer["generation"]
        if generation["duration"] > LONG or not generation["lists_layers"]:
            return None
        return self.url_of("stem", generation["id"], rank=layer["rank"])


class CreditSerializer(serializers.Serializer[Any]):
    """Author and licence of a clip."""

    clip = serializers.CharField(required=False, help_text="SHA-256 of the clip's file.")
    category = serializers.CharField(required=False)
    title = serializers.CharField(required=False)
    author = serializers.CharField(required=False)
    licence = serializers.CharField(required=False)
    collection = serializers.CharField(required=False)
    source = serializers.CharField(required=False)  # type: ignore[assignment]
    url = serializers.CharField(required=False)


class GenerationSerializer(RowSerializer, serializers.ModelSerializer[Any]):
    """A soundscape and its progress."""

    rows_are_dicts = True

    image = serializers.UUIDField(source="image_id", read_only=True)
    parent = serializers.UUIDField(  # type: ignore[assignment]
        source="parent_id",
        read_only=True,
        allow_null=True,
        help_text=str(Generation._meta.get_field("parent").help_text),
    )
    encoder = serializers.SerializerMethodField()
    layers = serializers.SerializerMethodField()
    credits = serializers.SerializerMethodField()
    status_url = RowUrlField(view_name="api_generation")
    audio_url = serializers.SerializerMethodField()
    spectrogram_url = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (
            "id",
            "image",
            "parent",
            "remix_name",
            "origin",
            "state",
            "stage",
            "progress",
            "error",
            "duration",
            "seed",
            "layer_count",
            "mode",
            "encoder",
            "layers",
            "credits",
            "loudness",
            "true_peak",
            "status_url",
            "audio_url",
            "spectrogram_url",
            "created_at",
            "finished_at",
        )
        read_only_fields = fields

    @extend_schema_field(EncoderSerializer(allow_null=True))
    def get_encoder(self, generation: Row) -> dict[str, str] | None:
        if not generation["encoder"]:
            return None
        return {"slug": generation["encoder"], "name": generation["encoder_name"]}

    @extend_schema_field(LayerSerializer(many=True))
    def get_layers(self, generation: Row) -> list[dict[str, Any]]:
        layers = self._layers[generation["id"]]
        return [self._layer_serializer.to_representation(layer) for layer in layers]

    @cached_property
    def _layer_serializer(self) -> LayerSerializer:
        return LayerSerializer(context=self.context)

    @cached_property
    def _layers(self) -> dict[UUID, list[Row]]:
        """Return the layers of all soundscapes of the response, read at once."""
        return Layer.objects.for_api(self.shown)

    @extend_schema_field(CreditSerializer(many=True))
    def get_credits(self, generation: Row) -> list[dict[str, Any]]:
        return generation["credits_of_plan"] or []

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_audio_url(self, generation: Row) -> str | None:
        return self._url_if_ready("audio", generation)

    @extend_schema_field({"type": ["string", "null"], "format": "uri"})
    def get_spectrogram_url(self, generation: Row) -> str | None:
        return self._url_if_ready("spectrogram", generation)

    def _url_if_ready(self, name: str, generation: Row) -> str | None:
        is_ready = generation["state"] == State.READY
        return self.url_of(name, generation["id"]) if is_ready else None


class OptionsSerializer(serializers.Serializer[Any]):
    """Options of a soundscape, all optional."""

    duration = WholeNumberField(
        min_value=int(MIN_DURATION),
        max_value=int(MAX_DURATION),
        default=DEFAULT_DURATION,
        help_text="Seconds.",
    )
    seed = WholeNumberField(
        min_value=0,
        max_value=MAX_SEED,
        required=False,
        help_text="The same image, seed and options produce the same bytes.",
    )
    mode = OneOfField(choices=Mode.choices, default=Mode.CALM)


class AudioQuery(OptionsSerializer):
    """The query of GET /generate_audio."""

    image = IdField(required=False, help_text="Defaults to the image uploaded or drawn last.")
    layers = WholeNumberField(
        min_value=1, max_value=MAX_LAYERS, default=DEFAULT_LAYERS, help_text="Number of layers."
    )
    format = OneOfField(choices=list(MEDIA_TYPES), default="wav")

    def options(self) -> dict[str, Any]:
        asked = self.validated_data
        return {
            "duration": asked["duration"],
            "layer_count": asked["layers"],
            "seed": asked.get("seed"),
            "mode": asked["mode"],
        }


class GenerationRequest(OptionsSerializer):
    """The body of POST /api/v1/generations/."""

    image = IdField(help_text="One of your images or of an image set.")
    layer_count = WholeNumberField(min_value=1, max_value=MAX_LAYERS, default=DEFAULT_LAYERS)
