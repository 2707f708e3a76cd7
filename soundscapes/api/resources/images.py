"""Images of the user and of image sets."""

from functools import partial
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from soundscapes.api import idempotency
from soundscapes.api.filters import FilterBackend, ImageFilter
from soundscapes.api.jobs import accepted
from soundscapes.api.schema import multipart
from soundscapes.api.serializers.images import (
    OptionalTitleSerializer,
    SimilarityResultSerializer,
    TitledUploadSerializer,
    TitleSerializer,
)
from soundscapes.api.serializers.jobs import JobSerializer
from soundscapes.api.uploads import PARSERS, stored_photo
from soundscapes.http.access import described_image_or_404, owned_or_404, signed_in_user
from soundscapes.images import images, matching
from soundscapes.models import Image
from soundscapes.models.jobs import Row


@extend_schema_view(get=extend_schema(operation_id="listImages"))
class ImagesView(ListAPIView[Image]):
    """List your images and those of image sets; POST uploads an image and matches it."""

    serializer_class = SimilarityResultSerializer
    queryset = Image.objects.none()  # for the schema
    filter_backends = (FilterBackend,)
    filterset_class = ImageFilter
    parser_classes = PARSERS

    def get_queryset(self) -> QuerySet[Image, Row]:  # type: ignore[override]
        return Image.objects.visible_to(signed_in_user(self.request)).for_api()

    @extend_schema(
        operation_id="createImage",
        request=multipart(TitledUploadSerializer),
        responses={202: JobSerializer},
    )
    def post(self, request: Request) -> Response:
        fields = OptionalTitleSerializer(data=request.data)
        fields.is_valid(raise_exception=True)
        title = fields.validated_data["title"]
        image = stored_photo(request, title)
        return idempotency.once(request, [image.checksum, title], partial(_match, request, image))


def _match(request: Request, image: Image) -> Response:
    matching.request_matching(image)
    image.refresh_from_db()
    return accepted(request, image)


class ImageView(APIView):
    """One image. Its owner can rename and delete it."""

    @extend_schema(operation_id="getImage", responses=SimilarityResultSerializer)
    def get(self, request: Request, pk: UUID) -> Response:
        image = described_image_or_404(signed_in_user(request), pk)
        return Response(SimilarityResultSerializer(image, context={"request": request}).data)

    @extend_schema(
        operation_id="renameImage", request=TitleSerializer, responses=SimilarityResultSerializer
    )
    def patch(self, request: Request, pk: UUID) -> Response:
        image = owned_or_404(Image, signed_in_user(request), pk)
        body = TitleSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        if "title" in body.validated_data:
            images.rename_image(image, body.validated_data["title"])
        return self.get(request, pk)

    @extend_schema(operation_id="deleteImage", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        images.delete_image(owned_or_404(Image, signed_in_user(request), pk))
        return Response(status=204)
