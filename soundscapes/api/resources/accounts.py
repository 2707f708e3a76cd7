"""The user and their API tokens."""

from datetime import timedelta
from uuid import UUID

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import PermissionDenied
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.accounts import users
from soundscapes.api.serializers.accounts import (
    MeSerializer,
    NewTokenSerializer,
    TokenRequest,
    TokenSerializer,
)
from soundscapes.http.access import signed_in_user, token_or_404
from soundscapes.jobs.kinds import count_own_unfinished
from soundscapes.limits import quotas, storage
from soundscapes.models import ApiToken

PROOF = (
    "In a browser, a new token requires your password once more. Create it on your account page, "
    "or with another token."
)


class MeView(APIView):
    """Your account, the token of this request, your limits and your usage."""

    @extend_schema(operation_id="getMe", responses=MeSerializer)
    def get(self, request: Request) -> Response:
        user = signed_in_user(request)
        user.token = request.auth  # type: ignore[attr-defined]
        user.quotas = quotas.left(user)  # type: ignore[attr-defined]
        user.storage = storage.usage(user)  # type: ignore[attr-defined]
        user.unfinished_jobs = count_own_unfinished(user)  # type: ignore[attr-defined]
        return Response(MeSerializer(user, context={"request": request}).data)


@extend_schema_view(get=extend_schema(operation_id="listTokens"))
class TokensView(ListAPIView[ApiToken]):
    """List your tokens; POST creates one and returns its secret, which is shown only once."""

    serializer_class = TokenSerializer

    def get_queryset(self) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=signed_in_user(self.request))

    @extend_schema(
        operation_id="createToken", request=TokenRequest, responses={201: NewTokenSerializer}
    )
    def post(self, request: Request) -> Response:
        if request.auth is None and not did_recently_reauthenticate(request._request):
            raise PermissionDenied(PROOF)
        body = TokenRequest(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        token, secret = users.create_token(
            signed_in_user(request),
            asked["name"],
            scope=asked["scope"],
            lifetime=timedelta(days=asked["days"]),
            maker=request.auth if isinstance(request.auth, ApiToken) else None,
        )
        token.secret = secret  # type: ignore[attr-defined]
        data = NewTokenSerializer(token, context={"request": request}).data
        headers = {"Location": data["url"], "Cache-Control": "no-store"}
        return Response(data, status=201, headers=headers)


class TokenView(APIView):
    """One of your tokens; DELETE revokes it."""

    @extend_schema(operation_id="getToken", responses=TokenSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        token = token_or_404(signed_in_user(request), public_id=pk)
        return Response(TokenSerializer(token, context={"request": request}).data)

    @extend_schema(operation_id="revokeToken", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        users.revoke_token(token_or_404(signed_in_user(request), public_id=pk))
        return Response(status=204)
