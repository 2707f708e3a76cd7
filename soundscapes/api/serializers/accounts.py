"""Serializers of users, tokens and quotas."""

from typing import Any

from rest_framework import serializers

from soundscapes.accounts.users import TOKEN_LIFETIME
from soundscapes.api.serializers.rows import RowSerializer
from soundscapes.api.serializers.strict import OneOfField, TextField, WholeNumberField
from soundscapes.limits.quotas import Kind
from soundscapes.models import ApiToken, User


class TokenSerializer(RowSerializer, serializers.ModelSerializer[ApiToken]):
    """An API token, with the first characters of its secret."""

    id = serializers.UUIDField(source="public_id", read_only=True)
    url = serializers.HyperlinkedIdentityField(
        view_name="api_token", lookup_field="public_id", lookup_url_kwarg="pk"
    )
    begins_with = serializers.CharField(source="token_key", read_only=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True, allow_null=True)
    last_used_at = serializers.DateTimeField(
        read_only=True, allow_null=True, help_text="To the minute; null if never used."
    )

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = (
            "id",
            "url",
            "name",
            "scope",
            "begins_with",
            "created_at",
            "expires_at",
            "last_used_at",
        )
        read_only_fields = fields


class NewTokenSerializer(TokenSerializer):
    """A new token with its secret, which is shown only once."""

    secret = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "secret")
        read_only_fields = fields


class TokenRequest(serializers.Serializer[Any]):
    """The body of POST /api/v1/tokens/."""

    name = TextField(max_length=100, help_text="A label for the program that uses the token.")
    scope = OneOfField(choices=ApiToken.Scope.choices, default=ApiToken.Scope.READ)
    days = WholeNumberField(min_value=1, max_value=TOKEN_LIFETIME.days, default=TOKEN_LIFETIME.days)


class QuotaSerializer(RowSerializer):
    """A quota and its remaining requests."""

    kind = serializers.ChoiceField(choices=Kind.choices)
    limit = serializers.IntegerField(help_text="Requests per window.")
    window = serializers.IntegerField(help_text="Seconds.")
    remaining = serializers.IntegerField()
    resets_in = serializers.IntegerField(help_text="Seconds.")


class StorageSerializer(RowSerializer):
    """Storage that your images and soundscapes use."""

    used = serializers.IntegerField(help_text="Bytes.")
    limit = serializers.IntegerField(help_text="Bytes.")


class AllowanceSerializer(RowSerializer):
    """Limits of your account. Those of a new account increase later."""

    duration = serializers.IntegerField(help_text="Maximum duration of a soundscape in seconds.")
    jobs = serializers.IntegerField(help_text="Maximum number of unfinished jobs.")
    grows_until = serializers.DateTimeField(
        allow_null=True, help_text="When your account gets its full limits; null if it has them."
    )


class MeSerializer(RowSerializer, serializers.ModelSerializer[User]):
    """The authenticated account."""

    latest_image = serializers.PrimaryKeyRelatedField[Any](read_only=True, allow_null=True)
    token = TokenSerializer(allow_null=True, read_only=True)
    quotas = QuotaSerializer(many=True, read_only=True)
    storage = StorageSerializer(read_only=True)
    allowance = AllowanceSerializer(read_only=True)
    unfinished_jobs = serializers.IntegerField(read_only=True)

    class Meta:
        model = User
        fields = (
            "username",
            "is_staff",
            "date_joined",
            "latest_image",
            "token",
            "quotas",
            "storage",
            "allowance",
            "unfinished_jobs",
        )
        read_only_fields = fields
