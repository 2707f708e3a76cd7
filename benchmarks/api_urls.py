"""The application's URLs plus the smallest possible DRF view."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class EmptyView(APIView):
    """No authentication, no throttling, no queries."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()

    def get(self, _request: Request) -> Response:
        return Response({})


urlpatterns = [path("empty/", EmptyView.as_view()), *urlpatterns]
