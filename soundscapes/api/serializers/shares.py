"""Serializers of share links."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from soundscapes.api.serializers.rows import RowSerializer
from soundscapes.api.serializers.strict import WholeNumberField, YesNoField
from soundscapes.generations.share_links import LIFETIME, MAX_LIFETIME
from soundscapes.models import ShareLink


class ShareLinkSerializer(RowSerializer, serializers.ModelSerializer[ShareLink]):
    """A share link. Anyone who knows its `page_url` can listen to the soundscape."""

    url = serializers.SerializerMethodField()
    page_url = serializers.HyperlinkedIdentityField("shared", lookup_field="token")
    embed_url = serializers.HyperlinkedIdentityField("shared_embed", lookup_field="token")
    audio_url = serializers.HyperlinkedIdentityField("shared_audio", lookup_field="token")

    class Meta:
        model = ShareLink
        fields = (
            "id",
            "url",
            "page_url",
            "embed_url",
            "audio_url",
            "shows_picture",
            "has_ended",
            "created_at",
            "expires_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "string", "format": "uri"})
    def get_url(self, link: ShareLink) -> str:
        return self.url_of("api_share_link", link.pk, "link", pk=link.generation_id)


class ShareRequest(serializers.Serializer[Any]):
    """The body of POST /api/v1/generations/{id}/share/."""

    days = WholeNumberField(
        min_value=1,
        max_value=MAX_LIFETIME.days,
        default=LIFETIME.days,
        allow_null=True,
        help_text="Days until the link expires; null if it never expires.",
    )
    shows_picture = YesNoField(
        default=False, help_text="Show others the image, its title and the reasons for its matches."
    )
