"""Serializers of images and their matches."""

from functools import cached_property
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soundscapes.api.serializers.rows import RowSerializer, RowUrlField
from soundscapes.api.serializers.strict import TextField
from soundscapes.engine.photos.decode_limits import MAX_JPEG_PIXELS, MAX_PIXELS
from soundscapes.engine.photos.reading import ACCEPTED, MAX_BYTES
from soundscapes.images.matching import current_encoder
from soundscapes.models import Category, Image, Similarity
from soundscapes.models.images import TOP, note_of
from soundscapes.models.jobs import Row

CATEGORY_NAME = str(Category._meta.get_field("slug").help_text)
PHOTO_LIMITS = (
    f"{ACCEPTED}, at most {MAX_BYTES // 2**20} MB; {MAX_JPEG_PIXELS // 10**6} megapixels as "
    f"non-progressive JPEG, {MAX_PIXELS // 10**6} otherwise."
)


class EncoderSerializer(serializers.Serializer[Any]):
    """The encoder that matched the image."""

    slug = serializers.CharField()
    name = serializers.CharField()


class SoundSerializer(RowSerializer, serializers.ModelSerializer[Any]):
    """A category and how well it matches the image."""

    rows_are_dicts = True

    # Declared, because the description of a model's field depends on the database in use.
    rank = serializers.IntegerField(min_value=1, read_only=True, help_text="1 is the best match.")
    category = serializers.CharField(
        source="category_slug", read_only=True, help_text=CATEGORY_NAME
    )
    label = serializers.CharField()  # type: ignore[assignment]
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


class ImageSerializer(RowSerializer, serializers.ModelSerializer[Any]):
    """An image, and the state of its matching."""

    rows_are_dicts = True

    url = RowUrlField(view_name="image_file")
    thumbnail_url = RowUrlField(view_name="thumbnail")
    status_url = RowUrlField(view_name="api_image")
    generate_audio_url = serializers.SerializerMethodField()
    note = serializers.SerializerMethodField(
        help_text="Message if the image shows nothing to match, otherwise empty."
    )
    image_set = serializers.UUIDField(source="of_set", read_only=True, allow_null=True)

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
            "note",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_generate_audio_url(self, image: Row) -> str:
        return f"{self.url_of('generate_audio')}?image={image['id']}"

    def get_note(self, image: Row) -> str:
        return note_of(image["is_blank"])


class SimilarityResultSerializer(ImageSerializer):
    """An image with its best matches and the encoder that ranked them."""

    encoder = serializers.SerializerMethodField()
    sounds = serializers.SerializerMethodField()

    class Meta(ImageSerializer.Meta):
        fields = (*ImageSerializer.Meta.fields, "encoder", "sounds")
        read_only_fields = fields

    @cached_property
    def _sounds(self) -> dict[UUID, list[Row]]:
        """Return the best matches of all images of the response, read at once."""
        return Similarity.objects.for_api(self.shown)

    @cached_property
    def _encoder_in_use(self) -> str:
        """Return its slug, looked up once per response because that searches the disk."""
        return current_encoder().slug

    @cached_property
    def _sound_serializer(self) -> SoundSerializer:
        return SoundSerializer(context=self.context)

    def _similarities(self, image: Row) -> list[Row]:
        """Return the ranking of the encoder in use, else of another that ranked the image."""
        rows = self._sounds[image["id"]]
        mine = [row for row in rows if row["encoder"] == self._encoder_in_use]
        return (mine or [row for row in rows if row["encoder"] == rows[0]["encoder"]])[:TOP]

    @extend_schema_field(EncoderSerializer(allow_null=True))
    def get_encoder(self, image: Row) -> dict[str, str] | None:
        top = self._similarities(image)
        return {"slug": top[0]["encoder"], "name": top[0]["encoder_name"]} if top else None

    @extend_schema_field(SoundSerializer(many=True))
    def get_sounds(self, image: Row) -> list[dict[str, Any]]:
        sound = self._sound_serializer
        return [sound.to_representation(row) for row in self._similarities(image)]


class RandomImageQuery(serializers.Serializer[Any]):
    """The query of GET /random_image."""

    image_set = serializers.UUIDField(required=False, help_text="Draw from this image set only.")


class UploadSerializer(serializers.Serializer[Any]):
    """An image file. The form and the service validate its contents."""

    image = serializers.FileField(help_text=PHOTO_LIMITS)


class TitleSerializer(serializers.Serializer[Any]):
    """The editable fields of an image."""

    title = TextField(max_length=200, allow_blank=True, required=False)


class OptionalTitleSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=200, allow_blank=True, default="")


class TitledUploadSerializer(OptionalTitleSerializer, UploadSerializer):
    """An image file and its title."""
