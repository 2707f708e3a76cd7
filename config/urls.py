"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path, reverse_lazy

urlpatterns = [
    path("", include("soundscapes.urls")),
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
        auth.PasswordChangeView.as_view(
            template_name="accounts/password.html", success_url=reverse_lazy("account")
        ),
        name="password_change",
    ),
    path("admin/", admin.site.urls),
]
