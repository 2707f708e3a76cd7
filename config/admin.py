"""The admin site, with an "Operations" section for the application's own bookkeeping.

It is not in soundscapes/admin/, because Django builds the site before it imports the modules that
register there.
"""

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.contrib.admin import apps as admin_apps
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse

OPERATIONS = "operations"


class Site(AdminSite):
    """Groups the models of every `OperationsAdmin` in one section."""

    site_header = "Soundscapes"
    site_title = "Soundscapes"
    index_title = "Administration"

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        is_operations = app_label == OPERATIONS
        found = super().get_app_list(request, None if is_operations else app_label)
        operations = [m for app in found for m in app["models"] if self.is_operations(m["model"])]
        for app in found:
            app["models"] = [m for m in app["models"] if not self.is_operations(m["model"])]
        shown = [] if is_operations else [app for app in found if app["models"]]
        if operations:
            shown.append(self._operations(operations))
        return shown

    def is_operations(self, model: type[Model]) -> bool:
        return getattr(self._registry.get(model), "is_operations", False)

    def _operations(self, models: list[Any]) -> dict[str, Any]:
        return {
            "name": OPERATIONS.title(),
            "app_label": OPERATIONS,
            "app_url": reverse("admin:operations", current_app=self.name),
            "has_module_perms": True,
            "models": sorted(models, key=lambda model: model["name"]),
        }

    def login(
        self,
        request: HttpRequest,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Redirect to the site's sign-in page, which asks for the second factor."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        following = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        if request.user.is_authenticated:
            return redirect("admin:index")
        return redirect(f"{reverse('account_login')}?{urlencode({'next': following})}")

    def password_change(  # type: ignore[override]
        self, _request: HttpRequest, _extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Redirect to the page that also revokes API tokens."""
        return redirect("account_change_password")

    def get_urls(self) -> list[URLPattern | URLResolver]:
        operations = path(
            f"{OPERATIONS}/",
            self.admin_view(self.app_index),
            {"app_label": OPERATIONS},
            name=OPERATIONS,
        )
        return [operations, *super().get_urls()]


class AdminConfig(admin_apps.SimpleAdminConfig):
    """config/urls.py imports the admin modules: commands and workers need none of them."""

    default_site = "config.admin.Site"
