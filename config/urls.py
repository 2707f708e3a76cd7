"""Root URL configuration."""

from django.contrib import admin
from django.urls import include, path

admin.autodiscover()

urlpatterns = [
    path("", include("soundscapes.api.urls")),  # few patterns, so pages are still found soon
    path("", include("soundscapes.web.urls")),
    path("account/", include("allauth.urls")),
    path("admin/metrics/", include("soundscapes.admin.metrics")),
    path("admin/", admin.site.urls),
]

handler400 = "soundscapes.http.errors.bad_request"
handler403 = "soundscapes.http.errors.permission_denied"
handler404 = "soundscapes.http.errors.not_found"
handler500 = "soundscapes.http.errors.server_error"
