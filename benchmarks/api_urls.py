"""The application's URLs plus two DRF views that do nothing."""

from django.urls import path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from config.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


class SignedInView(APIView):
    """Authentication, scope and quota, as in every request of the API."""

    def get(self, _request: Request) -> Response:
        return Response({})


class EmptyView(SignedInView):
    """No authentication, no throttling, no queries."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()


urlpatterns = [
    path("empty/", EmptyView.as_view()),
    path("signed-in/", SignedInView.as_view()),
    *urlpatterns,
]
