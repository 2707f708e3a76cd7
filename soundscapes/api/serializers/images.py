"""Serializers of images and matching sounds."""

from typing import Any, cast

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from soundscapes.api.serializers.strict import TextField
from soundscapes.images.matching import current_encoder
from soundscapes.models import Category, Image, Similarity
from soundscapes.models.images import TOP


class EncoderSerializer(serializers.Serializer[Any]):
    """Who compared the image with the sounds."""

    slug = serializers.CharField()
    name = serializers.CharField()


class SoundSerializer(serializers.ModelSerializer[Similarity]):
    """One environmental sound and how well it fits."""

    # Of a model's field the description would name the largest number of the database in use.
    rank = serializers.IntegerField(min_value=1, read_only=True, help_text="1 is the best.")
    category = serializers.SlugRelatedField[Category]("slug", read_only=True)
    label = serializers.CharField(source="category.label")  # type: ignore[assignment]
    x = serializers.FloatField(
        source="position", read_only=True, help_text="-1 is left in the image, 1 is right."
    )

    class Meta:
        model = Similarity
        fields = (
            "rank",
            "category",
            "label",
            "score",
            "confidence",
            "position",
            "x",
            "y",
            "extent",
            "reason",
        )


class ImageSerializer(serializers.ModelSerializer[Image]):
    """An image, and the state of its matching."""

    url = serializers.HyperlinkedIdentityField(view_name="image_file")
    thumbnail_url = serializers.HyperlinkedIdentityField(view_name="thumbnail")
    status_url = serializers.HyperlinkedIdentityField(view_name="api_image")
    generate_audio_url = serializers.SerializerMethodField()
    image_set = serializers.SlugRelatedField[Any]("public_id", read_only=True, allow_null=True)

    class Meta:
        model = Image
        fields: tuple[str, ...] = (
            "id",
            "url",
            "thumbnail_url",
            "status_url",
            "generate_audio_url",
            "image_set",
            "title",
            "author",
            "licence",
            "width",
            "height",
            "state",
            "stage",
            "progress",
            "error",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_generate_audio_url(self, image: Image) -> str:
        address = reverse("generate_audio", request=self.context["request"])
        return f"{address}?image={image.pk}"


class SimilarityResultSerializer(ImageSerializer):
    """An image `with_top_sounds`: its best sounds, and the encoder that found them."""

    encoder = serializers.SerializerMethodField()
    sounds = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = (*ImageSerializer.Meta.fields, "encoder", "sounds")
        read_only_fields = fields

    def _similarities(self, image: Image) -> list[Similarity]:
        """Prefer the encoder in use; fall back to another where it has not seen the image."""
        rows: list[Similarity] = image.top_sounds  # type: ignore[attr-defined]
        slug = self._encoder_in_use()
        mine = [row for row in rows if row.encoder == slug]
        return (mine or [row for row in rows if row.encoder == rows[0].encoder])[:TOP]

    def _encoder_in_use(self) -> str:
        """Look up the encoder once per answer, as that searches the disk for weights."""
        context = cast(dict[str, Any], self.context)
        if "encoder" not in context:
            context["encoder"] = current_encoder().slug
        return str(context["encoder"])

    @extend_schema_field(EncoderSerializer(allow_null=True))
    def get_encoder(self, image: Image) -> dict[str, str] | None:
        top = self._similarities(image)
        return {"slug": top[0].encoder, "name": top[0].encoder_name} if top else None

    @extend_schema_field(SoundSerializer(many=True))
    def get_sounds(self, image: Image) -> list[dict[str, Any]]:
        return list(SoundSerializer(self._similarities(image), many=True).data)


class RandomImageQuery(serializers.Serializer[Any]):
    """The query of GET /random_image."""

    image_set = serializers.UUIDField(required=False, help_text="Draw from this set alone.")


class UploadSerializer(serializers.Serializer[Any]):
    """A photo as `multipart/form-data`. The file itself is judged by the form and the service."""

    image = serializers.FileField(help_text="JPEG, PNG, WebP …, at most 20 MB and 50 megapixels.")


class TitleSerializer(serializers.Serializer[Any]):
    """What can be changed of an image."""

    title = TextField(max_length=200, allow_blank=True, required=False)


class OptionalTitleSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, allow_blank=True, default="")


class TitledUploadSerializer(OptionalTitleSerializer, UploadSerializer):
    """A photo and what to call it."""
