"""Sign-in with a provider of OpenID Connect."""

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.openid_connect.views import callback, login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe
from requests import RequestException

from soundscapes.accounts import users
from soundscapes.models import User
from soundscapes.web.accounts.adapter import PROVIDER_SIGN_OUT

logger = logging.getLogger(__name__)

AWAY = "The sign-in service is not responding. Try again in a minute, or sign in with a password."
TAKEN = (
    "There is already an account with your email address. Sign in to it with its password, and "
    "connect it on the account page, under “Single sign-on”."
)
CLOSED = "You have no account here, and signing in does not make one. Ask the administrator."


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go to the provider."""
    return _unless_away(request, login, provider_id)


@never_cache
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in with the provider's answer."""
    return _unless_away(request, callback, provider_id)


def _unless_away(
    request: HttpRequest, view: Callable[..., HttpResponse], provider_id: str
) -> HttpResponse:
    try:
        return view(request, provider_id)
    except (RequestException, KeyError) as error:  # no answer, no JSON, or one that lacks an entry
        logger.warning("The provider of OpenID Connect does not respond: %s", error)
        return _failed(request, AWAY, 503)


def _failed(request: HttpRequest, message: str, status: int) -> HttpResponse:
    page = "socialaccount/authentication_error.html"
    return render(request, page, {"message": message}, status=status)


class ProviderAdapter(DefaultSocialAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Admit the provider's users even if sign-up is closed, unless a setting forbids it."""
        return settings.OIDC_SIGN_UP

    def new_user(self, request: HttpRequest, sociallogin: SocialLogin) -> User:
        """Return no guest: signing in to the new account hands over what they have."""
        return User()

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Update the roles of a known user; link no account by its email address."""
        if sociallogin.is_existing:
            _set_roles(sociallogin.user, _claims(sociallogin))
        elif sociallogin.state.get("process") != AuthProcess.CONNECT:
            self._check_first_sign_in(request, sociallogin)
        request.session[PROVIDER_SIGN_OUT] = _sign_out_url(request, sociallogin)

    def _check_first_sign_in(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse a new account with the address of another; drop an unverified address."""
        if not settings.OIDC_SIGN_UP:
            raise ImmediateHttpResponse(_failed(request, CLOSED, 403))
        kept = [each for each in sociallogin.email_addresses if each.verified]
        if any(users.has_email(each.email) for each in kept):
            raise ImmediateHttpResponse(_failed(request, TAKEN, 409))
        sociallogin.email_addresses = kept
        sociallogin.user.email = kept[0].email if kept else ""

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, sociallogin, form)
        _set_roles(user, _claims(sociallogin))
        return user


def _claims(sociallogin: SocialLogin) -> dict[str, Any]:
    """Return the claims of the ID token, and those of the user information."""
    data = sociallogin.account.extra_data
    return {**(data.get("id_token") or {}), **(data.get("userinfo") or {})}


def _set_roles(user: User, claims: dict[str, Any]) -> None:
    given = claims.get(settings.OIDC_GROUPS_CLAIM) or []
    groups = {given} if isinstance(given, str) else {str(each) for each in given}
    administrators, curators = settings.OIDC_ADMIN_GROUPS, settings.OIDC_CURATOR_GROUPS
    users.set_roles(
        user,
        is_administrator=bool(groups & set(administrators)) if administrators else None,
        is_curator=bool(groups & set(curators)) if curators else None,
    )


def _sign_out_url(request: HttpRequest, sociallogin: SocialLogin) -> str:
    """Return the URL that ends the session at the provider, or an empty string."""
    provider = sociallogin.provider
    try:
        found = provider.get_oauth2_adapter(request).openid_config.get("end_session_endpoint")
    except RequestException:
        return ""
    if not found:
        return ""
    back = request.build_absolute_uri(reverse("studio"))
    query = {"client_id": provider.app.client_id, "post_logout_redirect_uri": back}
    return f"{found}?{urlencode(query)}"
