"""Image sets, categories and clips: read-only here, managed in the admin."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.generics import GenericAPIView, ListAPIView, RetrieveAPIView

from soundscapes.api.filters import CategoryFilter, ClipFilter, FilterBackend, ImageSetFilter
from soundscapes.api.serializers.catalogue import (
    CategorySerializer,
    ClipSerializer,
    ImageSetSerializer,
)
from soundscapes.http.access import signed_in_user
from soundscapes.models import Category, Clip, ImageSet


class ImageSets(GenericAPIView[ImageSet]):
    serializer_class = ImageSetSerializer
    queryset = ImageSet.objects.none()  # for the schema

    def get_queryset(self) -> QuerySet[ImageSet]:
        return ImageSet.objects.visible_to(signed_in_user(self.request)).with_image_counts()


@extend_schema_view(get=extend_schema(operation_id="listImageSets"))
class ImageSetsView(ImageSets, ListAPIView[ImageSet]):
    """List the image sets."""

    filter_backends = (FilterBackend,)
    filterset_class = ImageSetFilter


@extend_schema_view(get=extend_schema(operation_id="getImageSet"))
class ImageSetView(ImageSets, RetrieveAPIView[ImageSet]):
    """One image set."""

    lookup_field = "public_id"
    lookup_url_kwarg = "pk"


@extend_schema_view(get=extend_schema(operation_id="listCategories"))
class CategoriesView(ListAPIView[Category]):
    """List the categories that images are matched with."""

    serializer_class = CategorySerializer
    queryset = Category.objects.enabled().with_clip_counts()
    filter_backends = (FilterBackend,)
    filterset_class = CategoryFilter


@extend_schema_view(get=extend_schema(operation_id="getCategory"))
class CategoryView(RetrieveAPIView[Category]):
    """One category."""

    serializer_class = CategorySerializer
    queryset = Category.objects.enabled().with_clip_counts()
    lookup_field = "slug"


@extend_schema_view(get=extend_schema(operation_id="listClips"))
class ClipsView(ListAPIView[Clip]):
    """List the clips that soundscapes are mixed from, with their credits."""

    serializer_class = ClipSerializer
    queryset = Clip.objects.playable().for_api()
    filter_backends = (FilterBackend,)
    filterset_class = ClipFilter


@extend_schema_view(get=extend_schema(operation_id="getClip"))
class ClipView(RetrieveAPIView[Clip]):
    """One clip."""

    serializer_class = ClipSerializer
    queryset = Clip.objects.playable().for_api()
