"""Share links."""

from datetime import timedelta
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import ValidationError
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api.serializers.shares import ShareLinkSerializer, ShareRequest
from soundscapes.generations import share_links
from soundscapes.http.access import finished_or_404, link_or_404, signed_in_user
from soundscapes.models import ShareLink


@extend_schema_view(get=extend_schema(operation_id="listShareLinks"))
class ShareView(ListAPIView[ShareLink]):
    """The share links of a finished soundscape; POST creates one, DELETE revokes them all."""

    serializer_class = ShareLinkSerializer

    def get_queryset(self) -> QuerySet[ShareLink]:
        user = signed_in_user(self.request)
        generation = finished_or_404(user, self.kwargs["pk"])
        return ShareLink.objects.owned_by(user).filter(generation=generation)

    @extend_schema(
        operation_id="createShareLink", request=ShareRequest, responses={201: ShareLinkSerializer}
    )
    def post(self, request: Request, pk: UUID) -> Response:
        generation = finished_or_404(signed_in_user(request), pk)
        body = ShareRequest(data=request.data)
        body.is_valid(raise_exception=True)
        days = body.validated_data["days"]
        try:
            link = share_links.make_link(
                generation,
                lifetime=timedelta(days=days) if days else None,
                shows_picture=body.validated_data["shows_picture"],
            )
        except share_links.ShareError as error:
            raise ValidationError(str(error)) from error
        data = ShareLinkSerializer(link, context={"request": request}).data
        return Response(data, status=201, headers={"Location": data["url"]})

    @extend_schema(operation_id="revokeShareLinks", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        share_links.revoke_all(finished_or_404(signed_in_user(request), pk))
        return Response(status=204)


class ShareLinkView(APIView):
    """A share link of a soundscape; DELETE revokes it."""

    @extend_schema(operation_id="getShareLink", responses=ShareLinkSerializer)
    def get(self, request: Request, pk: UUID, link: UUID) -> Response:
        found = link_or_404(signed_in_user(request), link, generation=pk)
        return Response(ShareLinkSerializer(found, context={"request": request}).data)

    @extend_schema(operation_id="revokeShareLink", responses={204: None})
    def delete(self, request: Request, pk: UUID, link: UUID) -> Response:
        share_links.revoke(link_or_404(signed_in_user(request), link, generation=pk))
        return Response(status=204)
