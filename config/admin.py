"""The admin site, with an "Operations" section for the application's own bookkeeping.

It is not in soundscapes/admin/, because Django builds the site before it imports the modules that
register there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.admin import AdminSite, ModelAdmin, autodiscover
from django.contrib.admin import apps as admin_apps
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse

OPERATIONS = "operations"
View = Callable[..., HttpResponse]
prohibit_nul = ProhibitNullCharactersValidator()


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

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]
        return super().admin_view(_refusing_forged_keys(view), cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        operations = path(
            f"{OPERATIONS}/",
            self.admin_view(self.app_index),
            {"app_label": OPERATIONS},
            name=OPERATIONS,
        )
        return [operations, *super().get_urls()]


def _refusing_forged_keys(view: View) -> View:
    """Let a model admin's list answer 400, not 500, to selected keys that no row can have."""
    model_admin = getattr(view, "__self__", None)
    if not isinstance(model_admin, ModelAdmin) or view.__name__ != "changelist_view":
        return view
    pk = model_admin.opts.pk

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                prohibit_nul(key)
                pk.run_validators(pk.to_python(key))
        except ValidationError as error:
            raise BadRequest("A selected key is not valid for this model.") from error
        return view(request, *args, **options)

    return checked


class AdminConfig(admin_apps.SimpleAdminConfig):
    """config/urls.py imports the admin modules: commands and workers need none of them."""

    default_site = "config.admin.Site"

    def ready(self) -> None:
        super().ready()
        if settings.DEBUG:
            # Two threads of `manage.py runserver` race: one reads the registered models, and one
            # imports config/urls.py, which would register them.
            autodiscover()
