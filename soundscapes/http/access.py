"""Lookups that answer 404 for what is not yours, in pages and API alike."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request

from soundscapes.models import ApiToken, Generation, Image, ImageSet, ShareLink, User


class HtmxRequest(HttpRequest):
    """What django-htmx's middleware makes of a request."""

    htmx: HtmxDetails


def signed_in_user(request: HttpRequest | Request) -> User:
    """The user of a request that only signed-in people can make."""
    user = request.user
    if isinstance(user, AnonymousUser):
        raise TypeError("This view must require signing in.")
    return user


def image_or_404(user: User, pk: UUID) -> Image:
    """A picture that one may see."""
    return get_object_or_404(Image.objects.filter(pk=pk).visible_to(user).with_top_sounds())


def own_image_or_404(user: User, pk: UUID) -> Image:
    """A picture that one may change: one's own."""
    return get_object_or_404(Image.objects.filter(owner=user).with_top_sounds(), pk=pk)


def image_set_or_404(user: User, public_id: UUID) -> ImageSet:
    """A set that one may see."""
    return get_object_or_404(ImageSet.objects.visible_to(user), public_id=public_id)


def generation_or_404(user: User, pk: UUID) -> Generation:
    """One's own soundscape."""
    return get_object_or_404(Generation.objects.owned_by(user).for_list(), pk=pk)


def finished_or_404(user: User, pk: UUID) -> Generation:
    """One's own soundscape, if it can be heard."""
    generation = generation_or_404(user, pk)
    if not generation.audio:
        raise Http404("This soundscape is not ready yet.")
    return generation


def link_or_404(user: User, pk: UUID, **of: UUID) -> ShareLink:
    """A link to one's own soundscape, if said so to this `generation`."""
    return get_object_or_404(ShareLink.objects.owned_by(user).for_list(), pk=pk, **of)


def api_token_or_404(user: User, public_id: UUID) -> ApiToken:
    """One's own key, by the id that programs know."""
    return get_object_or_404(ApiToken, user=user, public_id=public_id)


def next_page(request: HttpRequest) -> str:
    """The page of this site that one wanted to go to before signing in or up; empty for none."""
    wanted = request.POST.get("next", request.GET.get("next", ""))
    return wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else ""


def back(request: HttpRequest, fallback: str) -> str:
    """The page of this site that the request came from."""
    referer = request.headers.get("Referer", "")
    hosts = {request.get_host()}
    return referer if url_has_allowed_host_and_scheme(referer, hosts) else fallback


def token_or_404(user: User, token_key: str) -> ApiToken:
    """One's own key."""
    return get_object_or_404(ApiToken, user=user, token_key=token_key)
