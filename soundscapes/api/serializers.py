"""Rows as JSON."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers
from rest_framework.reverse import reverse

from soundscapes.models import Category, Generation, Image, Layer, Similarity
from soundscapes.models.generations import Mode
from soundscapes.services.matching import current_encoder

TOP = 3


class SoundSerializer(serializers.ModelSerializer[Similarity]):
    """One environmental sound and how well it fits."""

    category = serializers.SlugRelatedField[Category]("slug", read_only=True)
    label = serializers.CharField(source="category.label")  # type: ignore[assignment]

    class Meta:
        model = Similarity
        fields = ("rank", "category", "label", "score", "position", "reason")


class LayerSerializer(serializers.ModelSerializer[Layer]):
    category = serializers.SlugRelatedField[Category]("slug", read_only=True)
    label = serializers.CharField(source="category.label")  # type: ignore[assignment]

    class Meta:
        model = Layer
        fields = ("rank", "category", "label", "score", "position", "kind", "reason")


class ImageSerializer(serializers.ModelSerializer[Image]):
    """A picture, the state of its matching and, once ready, the similarity result."""

    url = serializers.HyperlinkedIdentityField(view_name="image_file")
    thumbnail_url = serializers.HyperlinkedIdentityField(view_name="thumbnail")
    status_url = serializers.HyperlinkedIdentityField(view_name="api_image")
    generate_audio_url = serializers.SerializerMethodField()

    class Meta:
        model = Image
        fields: tuple[str, ...] = (
            "id",
            "url",
            "thumbnail_url",
            "status_url",
            "generate_audio_url",
            "title",
            "author",
            "licence",
            "width",
            "height",
            "state",
            "stage",
            "progress",
            "error",
        )

    def get_generate_audio_url(self, image: Image) -> str:
        address = reverse("generate_audio", request=self.context["request"])
        return f"{address}?image={image.pk}"


class SimilarityResultSerializer(ImageSerializer):
    """A matched picture: the top sounds, and the encoder that found them."""

    encoder = serializers.SerializerMethodField()
    sounds = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = (*ImageSerializer.Meta.fields, "encoder", "sounds")

    def _similarities(self, image: Image) -> list[Similarity]:
        """By the encoder in use; by another one only where that has not seen the picture."""
        rows = image.similarities.select_related("category").order_by("rank")
        slug = current_encoder().slug
        mine = [row for row in rows if row.encoder == slug]
        return (mine or [row for row in rows if rows and row.encoder == rows[0].encoder])[:TOP]

    def get_encoder(self, image: Image) -> dict[str, str] | None:
        top = self._similarities(image)
        return {"slug": top[0].encoder, "name": top[0].encoder_name} if top else None

    def get_sounds(self, image: Image) -> list[dict[str, Any]]:
        return list(SoundSerializer(self._similarities(image), many=True).data)


class GenerationSerializer(serializers.ModelSerializer[Generation]):
    """A soundscape and how far it is."""

    image = serializers.PrimaryKeyRelatedField[Image](read_only=True)
    encoder = serializers.SerializerMethodField()
    layers = LayerSerializer(many=True)
    credits = serializers.SerializerMethodField()
    status_url = serializers.HyperlinkedIdentityField(view_name="api_generation")
    audio_url = serializers.SerializerMethodField()

    class Meta:
        model = Generation
        fields = (
            "id",
            "image",
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
            "created_at",
            "finished_at",
        )

    def get_encoder(self, generation: Generation) -> dict[str, str] | None:
        if not generation.encoder:
            return None
        return {"slug": generation.encoder, "name": generation.encoder_name}

    def get_credits(self, generation: Generation) -> list[dict[str, Any]]:
        return generation.credits

    def get_audio_url(self, generation: Generation) -> str | None:
        if not generation.audio:
            return None
        return reverse("audio", kwargs={"pk": generation.pk}, request=self.context["request"])


class AudioChoiceSerializer(serializers.Serializer[Any]):
    """The query of GET /generate_audio."""

    image = serializers.UUIDField(required=False)
    mode = serializers.ChoiceField(choices=Mode.choices, default=Mode.CALM)
