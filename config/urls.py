"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from soundscapes.web import passwords

urlpatterns = [
    path("", include("soundscapes.web.urls")),
    path("", include("soundscapes.api.urls")),
    path(
        "account/sign-in/",
        auth.LoginView.as_view(
            template_name="accounts/sign_in.html", redirect_authenticated_user=True
        ),
        name="login",
    ),
    path("account/sign-out/", auth.LogoutView.as_view(), name="logout"),
    path(
        "account/password/",
        passwords.PasswordChangeView.as_view(),
        name="password_change",
    ),
    path("admin/metrics/", include("soundscapes.admin.metrics")),
    path("account/reset/", passwords.PasswordResetView.as_view(), name="password_reset"),
    path(
        "account/reset/sent/",
        passwords.PasswordResetDoneView.as_view(),
        name="password_reset_done",
    ),
    path(
        "account/reset/<uidb64>/<token>/",
        passwords.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("admin/", admin.site.urls),
]

handler400 = "soundscapes.http.errors.bad_request"
handler403 = "soundscapes.http.errors.permission_denied"
handler404 = "soundscapes.http.errors.not_found"
handler500 = "soundscapes.http.errors.server_error"
