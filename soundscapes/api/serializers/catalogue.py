"""Serializers of image sets, categories and clips."""

from typing import Any

from rest_framework import serializers

from soundscapes.api.serializers.rows import RowSerializer
from soundscapes.models import Category, Clip, ImageSet


class ImageSetSerializer(RowSerializer, serializers.ModelSerializer[ImageSet]):
    """A preloaded collection, from which random images are drawn."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    url = serializers.HyperlinkedIdentityField(
        view_name="api_image_set", lookup_field="public_id", lookup_url_kwarg="pk"
    )
    image_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = ImageSet
        fields = ("id", "url", "name", "description", "is_active", "image_count")
        read_only_fields = fields


class CategorySerializer(RowSerializer, serializers.ModelSerializer[Category]):
    """A kind of environmental sound."""

    url = serializers.HyperlinkedIdentityField(view_name="api_category", lookup_field="slug")
    prompts = serializers.ListField(child=serializers.CharField(), read_only=True)
    clip_count = serializers.IntegerField(read_only=True)

    class Meta:
        model = Category
        fields = ("slug", "url", "label", "group", "kind", "prompts", "clip_count")
        read_only_fields = fields


class ClipSerializer(RowSerializer, serializers.ModelSerializer[Clip]):
    """An audio file of a category, recorded or synthesised, with its credits."""

    url = serializers.HyperlinkedIdentityField(view_name="api_clip")
    category = serializers.SlugRelatedField[Any]("slug", read_only=True)
    source_url = serializers.CharField(source="url", read_only=True)

    class Meta:
        model = Clip
        fields = (
            "id",
            "url",
            "category",
            "source",
            "title",
            "author",
            "licence",
            "collection",
            "source_url",
            "duration",
            "loudness",
            "created_at",
        )
        read_only_fields = fields
